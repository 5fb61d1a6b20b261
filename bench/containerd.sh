#!/bin/bash
# Measures what a task of containerd costs, from `ctr run` and back: a Wasm hello with Skiff's runtime and busybox's `true` with runc, from the same
# image, in turns. Then the rate of tasks with 4 at once, and the memory of the daemon. Starts a containerd in a folder of its own.
# Wants root, containerd, runc, a static busybox, umoci and skopeo (scripts/peers.sh installs them), and a machine that does nothing else.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d /tmp/ctdXXXXXX)
runs=21
many=200
containerd=
trap 'kill $containerd $(cat "$work"/run/*/pid 2>/dev/null) 2>/dev/null || :; rm -rf "$work"' EXIT

"$repository/skiff" containerd install --no-config --bin "$work/bin" --lib "$work/lib" --state "$work/run" >/dev/null
cat >"$work/config.toml" <<END
version = 2
root = "$work/root"
state = "$work/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$work/c.sock"
END
PATH=$work/bin:$PATH containerd -c "$work/config.toml" >"$work/log" 2>&1 &
containerd=$!
ctr() { command ctr -a "$work/c.sock" "$@"; }
until ctr version >/dev/null 2>&1; do sleep 0.1; done

umoci init --layout "$work/oci"
umoci new --image "$work/oci:v1"
umoci unpack --image "$work/oci:v1" "$work/bundle" 2>/dev/null
mkdir "$work/bundle/rootfs/bin"
cp "$repository/guests/hello-c/hello-c.wasm" "$work/bundle/rootfs/hello.wasm"
cp "$(command -v busybox)" "$work/bundle/rootfs/bin/true"
umoci repack --image "$work/oci:v1" "$work/bundle" 2>/dev/null
skopeo copy -q --insecure-policy "oci:$work/oci:v1" "oci-archive:$work/image.tar:localhost/bench:v1"
ctr images import --base-name localhost/bench "$work/image.tar" >/dev/null

skiff_task() { ctr run --rm --runtime io.containerd.skiff.v1 localhost/bench:v1 "$1" /hello.wasm >/dev/null; }
runc_task() { ctr run --rm --runtime io.containerd.runc.v2 localhost/bench:v1 "$1" /bin/true >/dev/null; }

for ((i = 0; i < 10; i++)); do
    for task in skiff_task runc_task; do $task "warm-$i"; done
done
for ((i = 0; i < runs; i++)); do
    for task in skiff_task runc_task; do
        before=$(date +%s%N)
        $task "run-$i"
        echo $(($(date +%s%N) - before)) >>"$work/$task.ns"
    done
done
echo "ctr run, best, median and worst of $runs runs:"
for task in skiff_task runc_task; do
    sort -n "$work/$task.ns" | awk -v name="${task%_*}" '{ ns[NR] = $1 }
        END { printf "  %-6s %5.1f ms %5.1f ms %5.1f ms\n", name, ns[1] / 1e6, ns[int((NR + 1) / 2)] / 1e6, ns[NR] / 1e6 }'
done

echo "$many tasks, 4 at once:"
for task in skiff_task runc_task; do
    before=$(date +%s%N)
    for ((four = 0; four < 4; four++)); do
        (for ((i = four; i < many; i += 4)); do $task "many-$i"; done) &
        workers[four]=$!
    done
    wait "${workers[@]}"
    awk -v name="${task%_*}" -v ns=$(($(date +%s%N) - before)) -v many=$many 'BEGIN { printf "  %-6s %5.1f a second\n", name, many / ns * 1e9 }'
done
awk '/VmRSS/ { printf "the daemon has %.0f MiB then\n", $2 / 1024 }' "/proc/$(cat "$work"/run/*/pid)/status"
