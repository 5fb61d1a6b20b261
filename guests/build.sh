#!/bin/sh
# Rebuilds every .wasm of this folder, of examples/ and of the containers' tools (containerd/src/main/guest) from its source.
#
#   guests/build.sh            all of them
#   guests/build.sh c go       only these languages: c, rust, go, zig, as
#
# The toolchains come from public package registries and are kept outside the repository, under
# ${SKIFF_TOOLS:-$HOME/.cache/skiff/tools}:
#   C, Zig           ziglang from PyPI (clang, wasm-ld and wasi-libc in one package)
#   Rust             Debian's rustc, wasm32-wasi standard library and lld, unpacked without installing (Debian 12)
#   Go               the installed go command, 1.24 or later
#   AssemblyScript   assemblyscript from npm
set -eu

here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../examples
tools=${SKIFF_TOOLS:-$HOME/.cache/skiff/tools}
mkdir -p "$tools"

ZIG_VERSION=0.17.0
AS_VERSION=0.28.20

say() { printf '%s\n' "$*" >&2; }

# --- toolchains ---------------------------------------------------------------------------------------------------

zig() {
    if [ ! -x "$tools/zig-$ZIG_VERSION/bin/python" ]; then
        say "installing ziglang $ZIG_VERSION"
        python3 -m venv "$tools/zig-$ZIG_VERSION"
        "$tools/zig-$ZIG_VERSION/bin/pip" install -q "ziglang==$ZIG_VERSION"
    fi
    "$tools/zig-$ZIG_VERSION/bin/python" -m ziglang "$@"
}

# Vector instructions are left out; the rest of what clang uses by default is WebAssembly 2.0.
command_c() { zig cc -target wasm32-wasi -O2 -s -Wall -Wextra "$@"; }
bare_c() { zig cc -target wasm32-freestanding -O2 -s -nostdlib -ffreestanding -Wall -Wextra -Wl,--no-entry -Wl,-z,stack-size=65536 "$@"; }

rust() {
    root=$tools/rust-debian12
    if [ ! -x "$root/usr/bin/rustc" ]; then
        say "fetching Debian's rustc and its wasm32 library"
        mkdir -p "$root/packages"
        (cd "$root/packages" && apt-get download -q rustc libstd-rust-1.63 libstd-rust-dev libstd-rust-dev-wasm32 libllvm14 lld-14)
        for package in "$root"/packages/*.deb; do dpkg -x "$package" "$root"; done
        rm -r "$root/packages"
    fi
    libraries=$root/usr/lib/x86_64-linux-gnu
    LD_LIBRARY_PATH=$libraries "$root/usr/bin/rustc" --target wasm32-wasi --edition 2021 \
        -C opt-level=3 -C lto=fat -C codegen-units=1 -C strip=symbols -C linker="$root/usr/lib/llvm-14/bin/wasm-ld" -C linker-flavor=wasm-ld \
        --remap-path-prefix "$here=guests" "$@"
}

go_wasi() {
    command -v go > /dev/null || { say "no go command here; install Go 1.24 or later"; exit 1; }
    GOOS=wasip1 GOARCH=wasm GOFLAGS= GO111MODULE=off go build -trimpath -ldflags='-s -w' "$@"
}

asc() {
    if [ ! -x "$tools/as-$AS_VERSION/node_modules/.bin/asc" ]; then
        say "installing assemblyscript $AS_VERSION"
        mkdir -p "$tools/as-$AS_VERSION"
        (cd "$tools/as-$AS_VERSION" && npm install --silent --no-audit --no-fund --no-save "assemblyscript@$AS_VERSION")
    fi
    "$tools/as-$AS_VERSION/node_modules/.bin/asc" "$@"
}

# --- programs -----------------------------------------------------------------------------------------------------

build_c() {
    for name in hello exit fileio http signals; do
        command_c "$here/$name-c/$name.c" -o "$here/$name-c/$name-c.wasm"
    done
    bare_c "$here/hello-min/hello.c" -o "$here/hello-min/hello-min.wasm"
    bare_c -Wl,--initial-memory=16777216 "$here/hello-big/hello.c" -o "$here/hello-big/hello-big.wasm"
    command_c "$here/../containerd/src/main/guest/tools.c" -o "$here/../containerd/src/main/resources/dev/skiff/containerd/tools.wasm"
    for kernel in fib sha256 matmul json sort vm mandelbrot hashmap hostcall; do
        bare_c "$here/kernels/$kernel.c" -o "$here/kernels/$kernel.wasm"
    done
}

build_rust() {
    for name in hello panic work; do
        rust "$here/$name-rust/$name.rs" -o "$here/$name-rust/$name-rust.wasm"
    done
    rust "$examples/wordcount/wordcount.rs" -o "$examples/wordcount/wordcount.wasm"
}

build_go() {
    for name in hello work; do
        (cd "$here/$name-go" && go_wasi -o "$name-go.wasm" ./*.go)
    done
}

build_zig() {
    (cd "$here/hello-zig" && zig build-exe -target wasm32-wasi -OReleaseSmall -fstrip hello.zig -femit-bin=hello-zig.wasm)
}

build_as() {
    (cd "$here/hello-as" && asc hello.ts -o hello-as.wasm -O3 --noAssert --runtime stub --use abort=hello/onAbort)
}

[ $# -gt 0 ] || set -- c rust go zig as
for language in "$@"; do
    case $language in
        c | rust | go | zig | as) say "building: $language"; "build_$language" ;;
        *) say "unknown language $language (c, rust, go, zig, as)"; exit 2 ;;
    esac
done
find "$here" "$examples" "$here/../containerd/src" -name '*.wasm' -exec chmod 644 {} + -exec ls -l {} + | awk '{ print $5, $9; sum += $5 } END { print sum, "bytes in all" }'
