package dev.skiff.wasm;

import dev.skiff.wasm.internal.binary.Op;

/** What guests are busy with when they are stopped or paused. */
final class BusyPrograms {
    private BusyPrograms() {}

    /**
     * Exports "loop", "loop that calls" and "loop that calls the host", which never end, the last of which calls {@code nothing} of
     * {@code host}; and "count", {@code i32 -> i32}, which takes as many steps as it is told.
     */
    static ModuleBuilder module() {
        ModuleBuilder module = new ModuleBuilder();
        int nothing = module.importFunc("host", "nothing", "");
        module.func("").export("loop").loop("").br(0).end();
        FuncBuilder empty = module.func("");
        module.func("").export("loop that calls").loop("").call(empty).br(0).end();
        module.func("")
                .export("loop that calls the host")
                .loop("")
                .call(nothing)
                .br(0)
                .end();
        FuncBuilder count = module.func("i32 -> i32").export("count");
        int i = count.local("i32");
        count.loop("")
                .get(i)
                .i32(1)
                .op(Op.I32_ADD)
                .tee(i)
                .get(0)
                .op(Op.I32_LT_U)
                .brIf(0)
                .end()
                .get(i);
        return module;
    }
}
