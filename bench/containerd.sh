#!/bin/bash
# Measures what tasks and pods of containerd cost with Skiff's runtime, and in the same run with peers: runc, crun, and a runtime of runwasi with
# wasmtime. The Wasm runtimes run modules of C, the others the same programs as native code, static, from the same image.
#
#   bench/containerd.sh               everything, about six minutes
#   bench/containerd.sh run pods      only these:
#       idle      memory of Skiff's daemon a quarter of a minute after its start, and after its first task
#       run       ctr run --rm of a program that says hello (the native one is busybox's true), from the shell and back
#       tasks     1,000 of these with 4 at once
#       answer    a pod of Kubernetes, from the call RunPodSandbox to its first answer to HTTP
#       memory    what each further pod takes that waits for connections, from 20 to 120
#       pods      500 pods, made 4 at a time, until each has answered; and until they are gone
#   bench/containerd.sh --quick ...   less of all, to see that it works
#   PODS=1000 bench/containerd.sh pods   more of these
#
# Starts a containerd in a folder of its own, and takes away all that it made. Wants root, gcc, the programs that scripts/peers.sh installs, and a
# machine that does nothing else; peers.sh gets crun and the runtime of runwasi, or says why not.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
parts=(idle run tasks answer memory pods)
runs=21 rounds=4 share=250 answers=15 few=20 more=100 most=${PODS:-500} most_of_peers=100
if [ "${1-}" = --quick ]; then
    runs=3 rounds=1 share=20 answers=3 few=4 more=8 most=20 most_of_peers=8
    shift
fi
for part; do
    [[ " ${parts[*]} " == *" $part "* ]] || { echo "there is no $part; there are ${parts[*]}" >&2; exit 2; }
done
[ $# -eq 0 ] || parts=("$@")

"$repository/skiff" --version >/dev/null
# shellcheck disable=SC2034 # the file names app by it
home=$repository
# shellcheck source=/dev/null
. "$repository/.skiff/launch"
# shellcheck disable=SC2154 # the file sets jdk and app
program=$app/skiff.jar java=$jdk/bin
peers=$("$repository/bench/peers.sh" crun runwasi)
runtimes=(skiff runc)
work=$(mktemp -d /tmp/ctdXXXXXX)
image=localhost/bench:v1
containerd='' running=()
forwards=$(cat /proc/sys/net/ipv4/ip_forward)
# The kernel's table of neighbours is one for all networks, and a pod takes two places: the usual 1,024 are for 500 pods.
neighbours=/proc/sys/net/ipv4/neigh/default/gc_thresh3
most_neighbours=$(cat $neighbours)
trap clean EXIT
trap 'exit 130' INT TERM HUP

ctr() { command ctr -a "$work/c.sock" "$@"; }

# What makes pods; in the background, as a trap does not wait for what is there.
client() {
    "$java/java" -XX:+UseSerialGC -cp "$work/classes:$program" dev.skiff.containerd.PodsProgram "$work/c.sock" "$work/logs" "$@" &
    running=($!)
    wait "${running[0]}"
    running=()
}

# Prints the numbers of the processes whose arguments have a text and name this folder, and of their descendants.
processes() {
    ps -ewwo pid=,ppid=,args= | FOLDER=$work/ TEXT=$1 awk '
        { parent[$1] = $2; mine[$1] = index($0, ENVIRON["FOLDER"]) && index($0, ENVIRON["TEXT"]) }
        END {
            for (each in parent) {
                for (up = each; up in parent && !mine[up]; up = parent[up]) {}
                if (up in parent) print each
            }
        }'
}

clean() {
    local status=$?
    trap '' INT TERM HUP
    set +e
    [ $status = 0 ] || echo "taking away what there is" >&2
    kill "${running[@]}" 2>/dev/null
    if [ -n "$containerd" ] && kill -0 "$containerd" 2>/dev/null; then
        client remove >/dev/null 2>&1
        ctr task ls -q | xargs -r -n 1 -P 4 ctr -a "$work/c.sock" task rm -f >/dev/null 2>&1
        kill "$containerd"
        wait "$containerd"
    fi 2>/dev/null
    left=$(processes '')
    # shellcheck disable=SC2086 # numbers
    kill $left 2>/dev/null
    for ((tries = 0; tries < 50; tries++)); do
        # shellcheck disable=SC2086
        kill -0 $left 2>/dev/null || break
        sleep 0.1
    done
    # shellcheck disable=SC2046
    kill -9 $(processes '') 2>/dev/null
    awk -v folder="$work/" 'index($5, folder) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r umount -l
    rm -rf --one-file-system "$work" /var/lib/cni/results/"${work##*/}"-*
    rmdir /run/containerd/runwasi/* /run/containerd/runwasi 2>/dev/null
    echo "$forwards" >/proc/sys/net/ipv4/ip_forward
    echo "$most_neighbours" >$neighbours
}

# An image with the files in a folder; more arguments are its configuration.
make_image() {
    local name=$1 files=$2 namespace
    shift 2
    umoci new --image "$work/oci:$name"
    umoci config --image "$work/oci:$name" "$@"
    umoci insert --image "$work/oci:$name" "$files" / >/dev/null
    skopeo copy -q --insecure-policy "oci:$work/oci:$name" "oci-archive:$work/image.tar:localhost/$name"
    for namespace in default k8s.io; do
        ctr -n "$namespace" images import --base-name "localhost/${name%:*}" "$work/image.tar" >/dev/null
    done
}

prepare() {
    mkdir "$work/bin" "$work/classes" "$work/cni" "$work/figures"
    "$repository/skiff" containerd install --no-config --bin "$work/bin" --lib "$work/lib" --state "$work/run" \
        --code "$work/code" >/dev/null
    [ ! -e "$peers/runwasi" ] || ln -s "$peers/runwasi" "$work/bin/containerd-shim-runwasi-v1"
    "$java/javac" -proc:none -implicit:class -d "$work/classes" -cp "$program" -sourcepath "$repository/containerd/src/test/java" \
        "$repository/containerd/src/test/java/dev/skiff/containerd/PodsProgram.java"
    cat >"$work/cni/10-bench.conflist" <<EOF
{"cniVersion": "0.4.0", "name": "${work##*/}", "plugins": [{"type": "ptp", "ipam": {"type": "host-local", "dataDir": "$work/addresses",
    "ranges": [[{"subnet": "10.$((192 + RANDOM % 32)).$((RANDOM % 64 * 4)).0/22"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
EOF
    cat >"$work/config.toml" <<EOF
version = 2
root = "$work/root"
state = "$work/state"
[grpc]
address = "$work/c.sock"
[plugins."io.containerd.nri.v1.nri"]
disable = true
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:v1"
restrict_oom_score_adj = true
disable_apparmor = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$work/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.skiff]
runtime_type = "io.containerd.skiff.v1"
pod_annotations = ["skiff.dev/*"]
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
BinaryName = "$(command -v crun || :)"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runwasi]
runtime_type = "io.containerd.runwasi.v1"
EOF
    # Away from what a terminal's interrupt ends: clean needs it.
    PATH=$work/bin:$PATH setsid containerd -c "$work/config.toml" >"$work/log" 2>&1 &
    containerd=$!
    until ctr version >/dev/null 2>&1; do sleep 0.1; done

    umoci init --layout "$work/oci"
    mkdir -p "$work/files/bin" "$work/pause"
    cp "$repository/guests/hello-c/hello-c.wasm" "$work/files/hello.wasm"
    cp "$repository/guests/http-c/http-c.wasm" "$work/files/http.wasm"
    cp "$(command -v busybox)" "$work/files/bin/true"
    gcc -O2 -Dmain=serve_all -c -o "$work/http.o" "$repository/guests/http-c/http.c"
    gcc -O2 -static -s -o "$work/files/http" "$repository/bench/drivers/listen.c" "$work/http.o"
    echo 'int pause(void); int main(void) { for (;;) pause(); }' | gcc -O2 -static -s -o "$work/pause/pause" -x c -
    make_image bench:v1 "$work/files"
    make_image pause:v1 "$work/pause" --config.entrypoint /pause
}

# task RUNTIME ID
task() {
    case $1 in
        skiff | runwasi) set -- "$2" /hello.wasm --runtime "io.containerd.$1.v1" ;;
        runc) set -- "$2" /bin/true --runtime io.containerd.runc.v2 ;;
        crun) set -- "$2" /bin/true --runtime io.containerd.runc.v2 --runc-binary "$(command -v crun)" ;;
    esac
    ctr run --rm --fifo-dir "$work/fifo" "${@:3}" "$image" "$1" "$2" >/dev/null
}

# What the pods of a runtime are for PodsProgram.
kind() {
    case $1 in
        skiff | runwasi) echo "$1=/http.wasm" ;;
        *) echo "$1=/http" ;;
    esac
}

# table TITLE FIGURES UNIT DIVISOR: medians of what a file has, each line a runtime and a value; beside runc's where it is among them.
table() {
    echo "$1"
    sort -k 2,2n "$work/figures/$2" | awk -v names="${runtimes[*]}" -v unit="$3" -v divisor="$4" '
        function median(name) { return value[name, int((count[name] + 1) / 2)] }
        { value[$1, ++count[$1]] = $2 / divisor }
        END {
            total = split(names, name)
            for (i = 1; i <= total; i++) {
                n = count[name[i]]
                if (!n) continue
                line = sprintf("  %-8s %8.2f %s", name[i], median(name[i]), unit)
                if (count["runc"]) line = line sprintf("  %5.2f of runc", median(name[i]) / median("runc"))
                if (n > 1) line = line sprintf("  (best %.2f, worst %.2f of %d)", value[name[i], 1], value[name[i], n], n)
                print line
            }
        }'
}

# The memory of processes in KiB: what is resident, and their share of that.
resident() {
    local pid
    for pid in $(processes "$1"); do cat "/proc/$pid/smaps_rollup" 2>/dev/null || :; done |
        awk '/^Rss:/ { rss += $2 } /^Pss:/ { pss += $2 } END { print rss + 0, pss + 0 }'
}

# A line of what the daemon has.
daemon() {
    resident skiff.jar | awk -v when="$1" '{ printf "  %-20s %5.1f MiB resident, %5.1f MiB its share of that\n", when, $1 / 1024, $2 / 1024 }'
}

idle() {
    echo "the daemon's memory (goal 64 MiB, aim 45):"
    mkdir "$work/nothing"
    echo '{"process":{"args":["/hello.wasm"]}}' >"$work/nothing/config.json"
    (cd "$work/nothing" && TTRPC_ADDRESS=$work/c.sock.ttrpc "$work/bin/containerd-shim-skiff-v1" \
        -namespace default -address "$work/c.sock" -id nothing start >/dev/null)
    sleep 15
    daemon "after its start"
    task skiff first
    sleep 15
    daemon "after its first task"
}

run() {
    local i runtime before
    for ((i = -10; i < runs; i++)); do
        for runtime in "${runtimes[@]}"; do
            before=$(date +%s%N)
            task "$runtime" "run$i"
            before=$(($(date +%s%N) - before))
            [ "$i" -lt 0 ] || echo "$runtime $before" >>"$work/figures/run"
        done
    done
    table "ctr run --rm (goal 0.45 of runc, aim 0.3):" run ms 1e6
}

# Tasks with 4 at once; of the last two runtimes fewer, as the rate does not depend on how many there are.
tasks() {
    local round runtime before four i many
    for ((round = 0; round < rounds; round++)); do
        for runtime in "${runtimes[@]}"; do
            case $runtime in skiff | runc) many=$share ;; *) many=$((share / 5)) ;; esac
            before=$(date +%s%N)
            for ((four = 0; four < 4; four++)); do
                (for ((i = four; i < many; i += 4)); do task "$runtime" "many$i"; done) &
                running[four]=$!
            done
            for four in "${running[@]}"; do wait "$four"; done
            running=()
            echo "$runtime $many $(($(date +%s%N) - before))" | awk '{ print $1, $2 / $3 * 1e9 }' >>"$work/figures/tasks"
        done
    done
    table "tasks a second, $((rounds * share)) with 4 at once in $rounds parts, of crun and runwasi a fifth (goal 4 of runc, aim 8):" tasks "" 1
    daemon "the daemon then"
}

answer() {
    local kinds=() runtime
    for runtime in "${runtimes[@]}"; do kinds+=("$(kind "$runtime")"); done
    client answer "$answers" "${kinds[@]}" >"$work/figures/answer"
    table "a pod's first answer (goal 0.5 of runc, aim 0.35):" answer ms 1e6
}

available() { awk '/^MemAvailable:/ { print $2 }' /proc/meminfo; }

# Of the processes of shims, which name containerd's socket, and of those below them. crun's pods have runc's shims.
memory() {
    local runtime text
    for runtime in "${runtimes[@]}"; do
        [ "$runtime" != crun ] || continue
        text=' -address '
        [ "$runtime" != skiff ] || text=skiff.jar
        client run "$few" "$(kind "$runtime")" >/dev/null
        sleep 3
        echo "$(resident "$text") $(available)" >"$work/before"
        client run "$more" "$(kind "$runtime")" >/dev/null
        sleep 3
        echo "$(resident "$text") $(available)" >"$work/after"
        paste "$work/before" "$work/after" | awk -v name="$runtime" -v more="$more" -v figures="$work/figures" '{
            print name, ($4 - $1) / more >>(figures "/resident")
            print name, ($5 - $2) / more >>(figures "/shared")
            print name, ($3 - $6) / more >>(figures "/machine")
        }'
        client remove >/dev/null
    done
    echo "memory of each further idle pod, from $few to $((few + more)) (goal 0.5 MiB, aim 0.25), of the processes of the runtime and its pods"
    table "resident:" resident MiB 1024
    table "their share of that:" shared MiB 1024
    table "less available on the machine, with what the kernel and containerd have for a pod:" machine MiB 1024
}

pods() {
    local runtime many
    echo 16384 >$neighbours
    echo "pods made 4 at a time, until each has answered (goal 500 of Skiff in 60 s, aim 30), and gone again:"
    for runtime in "${runtimes[@]}"; do
        [ "$runtime" != crun ] || continue
        many=$most_of_peers
        [ "$runtime" != skiff ] || many=$most
        client run "$many" "$(kind "$runtime")" >"$work/made"
        [ "$runtime" != skiff ] || daemon "the daemon then"
        client remove >"$work/gone"
        paste "$work/made" "$work/gone" | awk -v many="$many" '{
            printf "  %-8s %4d in %5.1f s, %5.1f a second; gone in %5.1f s\n", $1, many, $2 / 1e9, many / $2 * 1e9, $3 / 1e9
        }'
        left=$(ctr -n k8s.io task ls -q; grep -F "$work/state" /proc/self/mountinfo) || :
        [ -z "$left" ] || { echo "these are left of $runtime's pods:"; echo "$left"; exit 1; } >&2
    done
}

# Adds the peers that are here and can run a task on this machine.
find_peers() {
    local peer
    for peer in crun runwasi; do
        if [ -e "$peers/$peer.absent" ]; then
            echo "no $peer: $(cat "$peers/$peer.absent")"
        elif task "$peer" try 2>"$work/why"; then
            runtimes+=("$peer")
        else
            echo "no $peer, as it cannot run a task here: $(tail -n 1 "$work/why")"
        fi
    done
}

prepare
find_peers
for part in "${parts[@]}"; do
    $part
done
