#!/bin/sh
# Measures the whole command `./skiff run` of a hello, from the shell and back: prints the median and the worst of 21 runs in
# milliseconds, after two that fill the caches. Wants a machine that does nothing else.
set -eu

repository=$(cd "$(dirname "$0")/.." && pwd)
run() {
    "$repository/skiff" run "$repository/guests/hello-c/hello-c.wasm" >/dev/null
}
run
run
i=0
while [ "$i" -lt 21 ]; do
    before=$(date +%s%N)
    run
    echo $(($(date +%s%N) - before))
    i=$((i + 1))
done | sort -n | awk '{ ns[NR] = $1 } END { printf "./skiff run hello: median %.0f ms, worst %.0f ms\n", ns[11] / 1e6, ns[NR] / 1e6 }'
