#!/bin/sh
# Measures Skiff against its peers and prints the table of figures (Markdown) to standard output.
#
#   bench/run.sh                           everything, about an hour
#   bench/run.sh kernels hostcall          only these: kernels, hostcall, quickjs, programs, start, density, ready
#   bench/run.sh --quick start             fewer rounds and shorter warm-ups
#   bench/run.sh --engines skiff,v8 ...    only these engines: gcc, skiff, v8, wasmtime, wasmtime-checks, wazero,
#                                          endive, graalwasm
#   bench/run.sh --out FILE ...            writes the report to a file too
#
# Installs the peers and fetches the large modules on first use (bench/peers.sh, bench/fetch.sh). Wants a machine that does
# nothing else.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$here")

cd "$repository"
. scripts/tools.sh
find_jdk
find_maven
"$MVN" $MVN_FLAGS -q -pl bench -am package -Dmaven.test.skip=true -Dspotless.check.skip=true >&2
modules=$("$here/fetch.sh")
peers=$("$here/peers.sh")
exec "$JAVA_HOME/bin/java" -cp "$here/target/classes:$here/target/lib/*" \
    -Dskiff.repository="$repository" -Dskiff.peers="$peers" -Dskiff.modules="$modules" \
    dev.skiff.bench.Main "$@"
