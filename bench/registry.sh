#!/bin/bash
# Measures what registries cost, from the shell and back, with the peers in the same run, one after the other: pulling an artifact of 100 MB
# from a docker-registry on this machine with skiff, skopeo and oras; listing a store of 10,000 blobs; a hello by name and by file. Prints
# medians of 11 runs. Wants docker-registry and skopeo (scripts/peers.sh installs them, and oras) and a machine that does nothing else.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
oras=$(command -v oras || echo "${XDG_CACHE_HOME:-$HOME/.cache}/skiff/peers/bin/oras")
port=5219
runs=11
registry=localhost:$port
export SKIFF_STORE=$work/store SKIFF_CACHE=$work/cache DOCKER_CONFIG=$work/docker

cat >"$work/config.yml" <<END
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
END
docker-registry serve "$work/config.yml" >"$work/log" 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT

# A custom section of random bytes is a module too. The section's size and the length of its name are LEB128.
{
    printf '\0asm\1\0\0\0\0\201\200\200\062\0'
    head -c 104857600 /dev/urandom
} >"$work/large.wasm"
"$repository/skiff" registry push -q "$work/large.wasm" $registry/large:v1 >/dev/null
"$repository/skiff" registry push -q "$repository/guests/hello-c/hello-c.wasm" $registry/hello:v1 >/dev/null

skiff_pull() { rm -rf "$SKIFF_STORE" && "$repository/skiff" registry pull -q $registry/large:v1; }
skopeo_pull() { rm -rf "$work/skopeo" && skopeo copy -q --insecure-policy --src-tls-verify=false docker://$registry/large:v1 "dir:$work/skopeo"; }
oras_pull() { rm -rf "$work/oras" && "$oras" pull --plain-http -o "$work/oras" $registry/large:v1; }
skiff_run() { "$repository/skiff" run $registry/hello:v1; }
skiff_run_file() { "$repository/skiff" run "$repository/guests/hello-c/hello-c.wasm"; }
skiff_ls() { "$repository/skiff" images ls; }

# Each round runs every candidate once, so that what changes meanwhile changes for all.
measure() {
    local title=$1 round name before
    shift
    for name; do $name >/dev/null 2>&1; : >"$work/$name.ns"; done
    for ((round = 0; round < runs; round++)); do
        for name; do
            before=$(date +%s%N)
            $name >/dev/null 2>&1
            echo $(($(date +%s%N) - before)) >>"$work/$name.ns"
        done
    done
    echo "$title, median and worst of $runs runs:"
    for name; do
        sort -n "$work/$name.ns" | awk -v name="${name/_/ }" '{ ns[NR] = $1 }
            END { printf "  %-16s %5.0f ms %5.0f ms\n", name, ns[int((NR + 1) / 2)] / 1e6, ns[NR] / 1e6 }'
    done
}

pulls=(skiff_pull skopeo_pull)
if [ -x "$oras" ]; then pulls+=(oras_pull); else echo "oras is not here: scripts/peers.sh builds it"; fi
measure "pull of 100 MB" "${pulls[@]}"

rm -rf "$SKIFF_STORE"
skiff_run >/dev/null
measure "run of a hello" skiff_run skiff_run_file

# Names are small files: 5,000 images of two blobs each, all made from the one that is there.
name=$(find "$SKIFF_STORE/names" -type f | head -n 1)
for ((i = 0; i < 5000; i++)); do
    printf '%s' "$i" >"$SKIFF_STORE/blobs/sha256/$(printf '%064x' "$i")"
    printf '%s' "$i" >"$SKIFF_STORE/blobs/sha256/$(printf 'a%063x' "$i")"
    sed "s|/hello:v1|/hello:v$i|" "$name" >"$SKIFF_STORE/names/$(printf '%064x' "$i")"
done
measure "list of 5,000 images, 10,000 blobs" skiff_ls
