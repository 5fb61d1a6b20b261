package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.host.Similar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The arguments of one command, read by its description. Options and operands may mix, unless the description ends them. */
final class Arguments {
    private final CommandSpec spec;
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> operands = new ArrayList<>();

    private Arguments(CommandSpec spec) {
        this.spec = spec;
    }

    /**
     * Reads arguments.
     *
     * @throws UsageException if they do not follow the description; not checked if help is asked for
     */
    static Arguments parse(CommandSpec spec, List<String> args) {
        Arguments result = new Arguments(spec);
        int at = 0;
        boolean options = true;
        while (at < args.size()) {
            String arg = args.get(at++);
            if (options && arg.equals("--")) {
                options = false;
            } else if (options && arg.length() > 1 && arg.startsWith("-")) {
                at = result.readOption(arg, args, at);
            } else {
                result.operands.add(arg);
                options &= !spec.endsAtOperand();
            }
        }
        if (!result.has(Option.HELP)) {
            result.checkOperands();
        }
        return result;
    }

    private int readOption(String arg, List<String> args, int next) {
        int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
        String written = equals < 0 ? arg : arg.substring(0, equals);
        Option option = spec.option(written).orElseThrow(() -> unknown(written));
        if (!option.takesValue()) {
            if (equals >= 0) {
                throw new UsageException(written + " takes no value");
            }
            add(option, "");
            return next;
        }
        if (equals >= 0) {
            add(option, arg.substring(equals + 1));
            return next;
        }
        if (next == args.size() || spec.option(args.get(next)).isPresent()) {
            throw new UsageException(written + " needs a value: " + written + " "
                    + option.label().orElseThrow());
        }
        add(option, args.get(next));
        return next + 1;
    }

    private UsageException unknown(String written) {
        List<String> names = new ArrayList<>();
        spec.options().forEach(option -> names.addAll(option.names()));
        String hint = Similar.to(written, names)
                .map(name -> "; did you mean " + name + "?")
                .orElse("; skiff " + spec.name() + " --help lists the options");
        return new UsageException("skiff " + spec.name() + " has no option " + written + hint);
    }

    private void add(Option option, String value) {
        values.computeIfAbsent(option.name(), any -> new ArrayList<>(1)).add(value);
    }

    private void checkOperands() {
        if (spec.operands().isEmpty()) {
            if (!operands.isEmpty()) {
                throw new UsageException("skiff " + spec.name() + " takes no argument, but got " + operands.getFirst());
            }
            return;
        }
        for (int i = operands.size(); i < spec.operands().size(); i++) {
            CommandSpec.Operand missing = spec.operands().get(i);
            if (missing.arity() == Arity.ONE || missing.arity() == Arity.ONE_OR_MORE) {
                throw new UsageException("skiff " + spec.name() + " needs a " + missing.label() + "; skiff "
                        + spec.name() + " --help says more");
            }
        }
        Arity last = spec.operands().getLast().arity();
        if ((last == Arity.ONE || last == Arity.OPTIONAL)
                && operands.size() > spec.operands().size()) {
            String taken = spec.operands().stream()
                    .map(operand -> "one " + operand.label())
                    .collect(Collectors.joining(" and "));
            throw new UsageException("skiff " + spec.name() + " takes " + taken + ", but got "
                    + operands.get(spec.operands().size()) + " too");
        }
    }

    /** Whether an option was given. */
    boolean has(Option option) {
        return values.containsKey(option.name());
    }

    /** The value of an option; of several the last, so that a script's own options can be overridden. */
    Optional<String> value(Option option) {
        return Optional.ofNullable(values.get(option.name())).map(List::getLast);
    }

    /** All values of an option that may be repeated, in order. */
    List<String> values(Option option) {
        return values.getOrDefault(option.name(), List.of());
    }

    /** What was given besides options, in order. */
    List<String> operands() {
        return operands;
    }
}
