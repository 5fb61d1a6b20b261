#!/bin/sh
# The driver for native code: native.sh PEERS kernel|hostcall FILE.wasm N WARMUP ROUNDS runs the native build of a kernel.
name=$(basename "$3" .wasm)
exec "$1/native/$name" "$4" 2 "$6"
