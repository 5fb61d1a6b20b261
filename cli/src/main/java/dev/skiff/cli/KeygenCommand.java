package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.KeyFiles;
import dev.skiff.oci.SigningKey;
import java.nio.file.Path;
import java.util.List;

/** {@code skiff keygen}. */
final class KeygenCommand implements Command {
    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "keygen",
                "Makes a pair of keys to sign with.",
                "Writes NAME.key, encrypted with the password in $COSIGN_PASSWORD or the one that is typed, and NAME.pub. cosign"
                        + " reads both. Nothing is overwritten.",
                List.of(OptionGroup.OTHER),
                List.of(new Operand("NAME", "What the files are called; by default cosign.", Arity.OPTIONAL)),
                List.of(new Example("skiff keygen release", "writes release.key and release.pub")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String name =
                arguments.operands().isEmpty() ? "cosign" : arguments.operands().getFirst();
        Path secret = Path.of(name + ".key");
        Path open = Path.of(name + ".pub");
        KeyFiles.writePair(SigningKey.generate(), secret, open, SignCommand.newPassword(console));
        console.stdout().println("wrote " + secret + " and " + open);
        return 0;
    }
}
