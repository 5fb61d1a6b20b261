#!/bin/sh
# Installs the engines that bench measures Skiff against, outside the repository, and prints the folder that holds them:
# ${SKIFF_TOOLS:-$HOME/.cache/skiff/tools}/peers. What cannot be had is noted in a file NAME.absent there, and bench
# names it as absent with the reason; nothing here fails because of one peer.
#
#   gcc        native kernels, gcc -O2 of the installed gcc
#   v8         the installed node
#   wasmtime   PyPI's wheel, which holds wasmtime as a shared library; a C driver is compiled against it
#   wazero     a Go driver, built with the installed go
#   crun       the distribution's package
#   runwasi    a runtime for containerd with wasmtime, built with the installed Rust: its library is in Rust's package
#              registry, which does not have its own runtimes
#
# Names of peers as arguments have only these; without any all but the last two, which bench/containerd.sh asks for.
# Endive and GraalWasm are Maven dependencies of the module bench.
set -u

here=$(cd "$(dirname "$0")" && pwd)
tools=${SKIFF_TOOLS:-$HOME/.cache/skiff/tools}
peers=$tools/peers
mkdir -p "$peers/native"

WASMTIME_VERSION=50.0.1

say() { printf '%s\n' "$*" >&2; }
absent() { say "no $1: $2"; echo "$2" > "$peers/$1.absent"; }
newer() { [ ! -e "$2" ] || [ "$1" -nt "$2" ]; }

native() {
    command -v gcc > /dev/null || { absent gcc "gcc is not installed"; return; }
    rm -f "$peers/gcc.absent"
    for source in "$here"/../guests/kernels/*.c; do
        name=$(basename "$source" .c)
        [ "$name" = native ] && continue
        newer "$source" "$peers/native/$name" || continue
        gcc -O2 -o "$peers/native/$name" "$source" "$here/../guests/kernels/native.c" || absent gcc "$name.c does not compile"
    done
}

v8() {
    rm -f "$peers/v8.absent"
    command -v node > /dev/null || absent v8 "node is not installed"
}

wasmtime() {
    rm -f "$peers/wasmtime.absent"
    venv=$tools/wasmtime-$WASMTIME_VERSION
    if [ ! -d "$venv" ]; then
        say "installing wasmtime $WASMTIME_VERSION"
        python3 -m venv "$venv" && "$venv/bin/pip" install -q "wasmtime==$WASMTIME_VERSION" \
            || { rm -rf "$venv"; absent wasmtime "its wheel could not be installed"; return; }
    fi
    library=$(find "$venv" -name _libwasmtime.so | head -n 1)
    [ -n "$library" ] || { absent wasmtime "its wheel holds no library for this platform"; return; }
    newer "$here/drivers/wasmtime.c" "$peers/wasmtime" || return 0
    gcc -O2 -o "$peers/wasmtime" "$here/drivers/wasmtime.c" "$library" -Wl,-rpath,"$(dirname "$library")" \
        || absent wasmtime "its driver does not compile"
}

wazero() {
    rm -f "$peers/wazero.absent"
    command -v go > /dev/null || { absent wazero "go is not installed"; return; }
    newer "$here/drivers/wazero/main.go" "$peers/wazero" || return 0
    say "building the wazero driver"
    (cd "$here/drivers/wazero" && GOFLAGS= go build -trimpath -o "$peers/wazero" .) || absent wazero "its driver does not build"
}

from_packages() {
    command -v apt-get > /dev/null && [ "$(id -u)" -eq 0 ] || return
    say "installing $* from the distribution's packages"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"; } >&2
}

crun() {
    rm -f "$peers/crun.absent"
    (unset -f crun; command -v crun > /dev/null) || from_packages crun || absent crun "it is not installed, and root gets it from Debian's packages only"
}

runwasi() {
    rm -f "$peers/runwasi.absent"
    newer "$here/drivers/runwasi/src/main.rs" "$peers/runwasi" || return 0
    command -v cargo > /dev/null || { absent runwasi "cargo is not installed"; return; }
    { command -v protoc > /dev/null && [ -e /usr/include/seccomp.h ]; } || from_packages protobuf-compiler libseccomp-dev \
        || { absent runwasi "it is built with protoc and libseccomp, which are not installed"; return; }
    say "building a runtime of runwasi with wasmtime, which takes minutes"
    # Cargo writes its lock beside the source.
    mkdir -p "$tools/runwasi" && cp -r "$here/drivers/runwasi/Cargo.toml" "$here/drivers/runwasi/src" "$tools/runwasi"
    (cd "$tools/runwasi" && CARGO_TARGET_DIR=$tools/runwasi cargo build -q --release >&2) \
        && cp "$tools/runwasi/release/containerd-shim-runwasi-v1" "$peers/runwasi" || absent runwasi "it does not build"
    rm -rf "$tools/runwasi"
}

[ $# -gt 0 ] || set -- native v8 wasmtime wazero
for peer; do
    "$peer"
done
echo "$peers"
