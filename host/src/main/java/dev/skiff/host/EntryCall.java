package dev.skiff.host;

import dev.skiff.wasm.ExportType;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Instance;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.ValType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An entry point that was found in a module, with its arguments read.
 *
 * @param export the function's name
 * @param type its type
 * @param arguments its arguments, boxed
 * @param initialize whether {@code _initialize} is called before
 */
record EntryCall(String export, FuncType type, List<Object> arguments, boolean initialize) {
    private static final String START = "_start";
    private static final String INITIALIZE = "_initialize";
    private static final int MOST_NAMES = 20;

    /** Finds an entry point in a module; what is wrong is thrown as a {@link WorkloadException}. */
    static EntryCall find(Module module, EntryPoint entryPoint) {
        return entryPoint instanceof EntryPoint.Invoke invoke
                ? invoke(module, invoke.export(), invoke.arguments())
                : command(module);
    }

    private static EntryCall command(Module module) {
        FuncType type = function(module, START)
                .orElseThrow(() ->
                        new NoEntryPointException("it is not a program: it has no _start function; " + offers(module)));
        if (!type.params().isEmpty() || !type.results().isEmpty()) {
            throw new NotRunnableException("its _start function has the type " + type + " and should have () -> ()");
        }
        return new EntryCall(START, type, List.of(), false);
    }

    private static EntryCall invoke(Module module, String export, List<String> texts) {
        FuncType type = function(module, export).orElseThrow(() -> missing(module, export));
        List<ValType> params = type.params();
        if (params.size() != texts.size()) {
            throw new NotRunnableException(export + " takes " + count(params.size(), "argument")
                    + (params.isEmpty()
                            ? ""
                            : " " + params.toString().replace('[', '(').replace(']', ')'))
                    + ", and " + texts.size() + (texts.size() == 1 ? " was" : " were") + " given");
        }
        List<Object> arguments = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            try {
                arguments.add(Literals.parse(texts.get(i), params.get(i)));
            } catch (NumberFormatException e) {
                throw new NotRunnableException("argument " + (i + 1) + " of " + export + ", '" + texts.get(i)
                        + "', is no " + params.get(i) + ": " + e.getMessage());
            }
        }
        return new EntryCall(
                export, type, arguments, function(module, INITIALIZE).isPresent());
    }

    private static NotFoundException missing(Module module, String export) {
        String hint = Similar.to(export, functionNames(module))
                .map(name -> " (did you mean " + name + "?)")
                .orElse("");
        return new NotFoundException("it exports no function " + export + hint + "; " + offers(module));
    }

    private static Optional<FuncType> function(Module module, String name) {
        for (ExportType export : module.exports()) {
            if (export.name().equals(name) && export.type() instanceof FuncType type) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    private static List<String> functionNames(Module module) {
        return module.exports().stream()
                .filter(export -> export.type() instanceof FuncType)
                .map(ExportType::name)
                .toList();
    }

    private static String offers(Module module) {
        List<String> functions = module.exports().stream()
                .filter(export -> export.type() instanceof FuncType)
                .map(export -> export.name() + " " + export.type())
                .toList();
        if (functions.isEmpty()) {
            return "it exports no functions";
        }
        int more = functions.size() - MOST_NAMES;
        return "it exports " + String.join(", ", more > 0 ? functions.subList(0, MOST_NAMES) : functions)
                + (more > 0 ? " and " + count(more, "other") : "");
    }

    private static String count(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** Calls it. */
    List<String> call(Instance instance) {
        if (initialize && !export.equals(INITIALIZE)) {
            instance.call(INITIALIZE);
        }
        Object[] results = instance.call(export, arguments.toArray());
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < results.length; i++) {
            texts.add(Literals.format(results[i], type.results().get(i)));
        }
        return texts;
    }
}
