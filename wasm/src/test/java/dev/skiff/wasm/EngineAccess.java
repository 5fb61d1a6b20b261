package dev.skiff.wasm;

/** What tests in other packages need from inside the engine. */
public final class EngineAccess {
    private EngineAccess() {}

    /** An engine that splits functions into methods of about so many bytes, fewer than is best. */
    public static Engine splitting(MemoryKind kind, int methodSize) {
        return Engine.builder().memoryKind(kind).methodSize(methodSize).build();
    }

    /** Translates all functions of a module and has the JVM verify them, whether or not they will be called. */
    public static void translate(Module module) {
        translate(module, Limits.DEFAULT);
        translate(module, Limits.DEFAULT.withMaxMemoryBytes(1L << 32).withFuel(1));
    }

    private static void translate(Module module, Limits limits) {
        var code = module.code(limits);
        for (int i = code.functionCount() - module.definedFunctions(); i < code.functionCount(); i++) {
            code.code(i);
        }
    }
}
