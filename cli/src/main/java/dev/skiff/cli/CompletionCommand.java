package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import java.util.List;
import picocli.AutoComplete;

/** {@code skiff completion SHELL}. */
final class CompletionCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "completion",
                "Writes a completion script for your shell.",
                "With it, bash and zsh complete skiff's commands, options and files.",
                List.of(OptionGroup.OTHER),
                List.of(new Operand("SHELL", "bash or zsh.", Arity.ONE)),
                List.of(
                        new Example("source <(skiff completion bash)", "completes in this shell"),
                        new Example(
                                "skiff completion bash > ~/.local/share/bash-completion/completions/skiff",
                                "completes in every new bash")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String shell = arguments.operands().getFirst();
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new UsageException("skiff completion knows bash and zsh, not " + shell);
        }
        console.stdout().print(AutoComplete.bash("skiff", Picocli.root()));
        return 0;
    }
}
