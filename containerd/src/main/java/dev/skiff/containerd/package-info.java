/** Front door 1: the runtime (version 2) that containerd starts Wasm tasks with. */
package dev.skiff.containerd;
