/**
 * The WebAssembly engine: decodes and validates modules, compiles them to JVM bytecode, links, instantiates and runs
 * them within limits.
 *
 * <p>The way of a module: {@link dev.skiff.wasm.Engine#compile(byte[])} gives a {@link dev.skiff.wasm.Module}; a
 * {@link dev.skiff.wasm.Linker} names what the module may import; {@link dev.skiff.wasm.Linker#instantiate} puts an
 * {@link dev.skiff.wasm.Instance} into a {@link dev.skiff.wasm.Store}, which carries the {@link dev.skiff.wasm.Limits};
 * a {@link dev.skiff.wasm.Func} runs, and either returns or ends in a {@link dev.skiff.wasm.Trap}.
 *
 * <p>Thread-safety: engines, modules, linkers that are no longer changed and instance templates are shared freely. A
 * store and everything in it (instances, memories, tables, globals, functions) belongs to one thread at a time; the
 * exceptions, for any thread, are those that {@link dev.skiff.wasm.Store} names, such as its {@code interrupt}.
 */
package dev.skiff.wasm;
