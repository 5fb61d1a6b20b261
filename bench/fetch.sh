#!/bin/sh
# Fetches large real modules that are too big, or not ours, to be committed, and prints the folder that holds them:
#
#   quickjs.wasm   a JavaScript engine, 0.6 MB        (npm quickjs-wasi)
#   sqlite3.wasm   SQLite, 0.9 MB, for translation    (npm @sqlite.org/sqlite-wasm)
#   esbuild.wasm   a JavaScript bundler in Go, 14 MB  (npm esbuild-wasm)
#
# They are kept in ${SKIFF_CACHE:-$HOME/.cache/skiff}/modules and fetched once.
#
#   bench/fetch.sh            all
#   bench/fetch.sh quickjs    only these
#
# QuickJS: a WASI reactor. It imports a few functions of wasi_snapshot_preview1 and env.host_* callbacks that a plain
# script never calls (answer 0). To evaluate: _initialize(), qjs_init(), p = wasm_malloc(length + 1), write the script
# and a zero byte at p, v = qjs_eval(p, length, file name, 0), qjs_get_float64(v), qjs_free_value(v), wasm_free(p).
# esbuild imports Go's JavaScript bridge (gojs.*), SQLite emscripten's env.*: with stubs they can be instantiated.
set -eu

modules=${SKIFF_CACHE:-$HOME/.cache/skiff}/modules
mkdir -p "$modules"

# fetch NAME PACKAGE@VERSION PATH-IN-PACKAGE SHA256
fetch() {
    [ -f "$modules/$1.wasm" ] && return
    command -v npm > /dev/null || { echo "fetch.sh: npm is needed to fetch $1.wasm; install Node.js" >&2; exit 1; }
    echo "fetching $1.wasm from npm ($2)" >&2
    scratch=$(mktemp -d)
    (cd "$scratch" && npm pack --silent "$2" > /dev/null 2> npm.log || { cat npm.log >&2; exit 1; })
    tar -xzf "$scratch"/*.tgz -C "$scratch"
    echo "$4  $scratch/package/$3" | sha256sum -c --quiet - >&2
    mv "$scratch/package/$3" "$modules/$1.wasm"
    chmod 644 "$modules/$1.wasm"
    rm -r "$scratch"
}

[ $# -gt 0 ] || set -- quickjs sqlite3 esbuild
for name in "$@"; do
    case $name in
        quickjs) fetch quickjs quickjs-wasi@3.6.2 quickjs.wasm d4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9 ;;
        sqlite3) fetch sqlite3 @sqlite.org/sqlite-wasm@3.41.2 sqlite-wasm/jswasm/sqlite3.wasm 2d34bf9279985db154f98bfab9ffa289b014821873ed188b67e3a4c5d1b7faec ;;
        esbuild) fetch esbuild esbuild-wasm@0.28.2 esbuild.wasm b1831a5c0f6cf688034fb94d0419812f165ea316a3380d3fc00a151e562d2eaf ;;
        *) echo "fetch.sh: unknown module $name (quickjs, sqlite3, esbuild)" >&2; exit 2 ;;
    esac
done
echo "$modules"
