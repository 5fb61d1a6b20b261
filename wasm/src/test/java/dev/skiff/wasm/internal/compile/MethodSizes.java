package dev.skiff.wasm.internal.compile;

import dev.skiff.wasm.internal.binary.ModuleDecoder;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The sizes of the methods that a module is translated to. */
public final class MethodSizes {
    /** HotSpot does not compile methods of more bytes. */
    private static final int MAX_COMPILED = 8_000;

    private MethodSizes() {}

    /** The methods that HotSpot would not compile, and their bytes. */
    public static Map<String, Integer> tooLarge(byte[] binary, boolean metered, boolean far) {
        ModuleLayout layout = new ModuleLayout(ModuleDecoder.decode(binary, true));
        CodeOptions options = new CodeOptions(true, metered, far, CodeOptions.METHOD_SIZE);
        Map<String, Integer> found = new TreeMap<>();
        for (int group = 0; group < layout.groupCount(); group++) {
            for (byte[] classFile : translate(layout, group, options)) {
                for (MethodModel method : ClassFile.of().parse(classFile).methods()) {
                    int size = method.findAttribute(Attributes.code())
                            .orElseThrow()
                            .codeLength();
                    if (size > MAX_COMPILED) {
                        found.put(method.methodName().stringValue(), size);
                    }
                }
            }
        }
        return found;
    }

    /** Translates on a thread with the stack that deep nesting takes. */
    private static List<byte[]> translate(ModuleLayout layout, int group, CodeOptions options) {
        FutureTask<List<byte[]>> task = new FutureTask<>(() -> GroupClass.translate(layout, group, options));
        new Thread(null, task, "translator", 512L << 20).start();
        try {
            return task.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
