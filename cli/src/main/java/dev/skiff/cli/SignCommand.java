package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.Descriptor;
import dev.skiff.oci.KeyFiles;
import dev.skiff.oci.KeyPassword;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.SignatureForm;
import dev.skiff.oci.SigningKey;
import dev.skiff.oci.TransferListener;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code skiff sign}. */
final class SignCommand implements Command {
    static final Option ANNOTATION =
            Option.value("--annotation", "NAME=VALUE", "What the signature says besides. May be repeated.");
    private static final Option KEY = Option.path(
            "--key",
            "FILE",
            "The private key: cosign's, or PKCS#8. The password of an encrypted one is in $COSIGN_PASSWORD, or asked for.");
    private static final Option FORM = Option.choice(
            "--form",
            "FORM",
            "tag (the default: every cosign and every registry knows it), referrer (OCI 1.1) or bundle (a Sigstore bundle).",
            "tag",
            "referrer",
            "bundle");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "sign",
                "Signs an image of a registry with a key, as cosign does.",
                "cosign verify --key verifies it. Nothing is sent anywhere but to the registry. Of an image for several platforms"
                        + " the whole is signed.",
                List.of(
                        new OptionGroup("Signature", List.of(KEY, FORM, ANNOTATION)),
                        RegistryArguments.CONNECTION,
                        OptionGroup.OTHER),
                List.of(new Operand("REF", "What to sign; best with its digest.", Arity.ONE)),
                List.of(new Example("skiff sign --key cosign.key ghcr.io/me/app:v1", "signs it")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Reference reference =
                RegistryArguments.reference(arguments.operands().getFirst()).withDefaultTag();
        Path file = arguments
                .value(KEY)
                .map(Path::of)
                .orElseThrow(() -> new UsageException("skiff sign needs a key: --key FILE"));
        String form = arguments.value(FORM).orElse("tag");
        SignatureForm kept = switch (form) {
            case "tag" -> SignatureForm.TAG;
            case "referrer" -> SignatureForm.REFERRER;
            case "bundle" -> SignatureForm.BUNDLE;
            default -> throw Values.wrong(FORM, form, "tag, referrer or bundle");
        };
        SigningKey key = KeyFiles.privateKey(file, password(console));
        try (Registry registry = RegistryArguments.registry(arguments, console)) {
            Descriptor signed = registry.sign(reference, key, kept, annotations(arguments), TransferListener.NONE);
            console.stdout()
                    .println("signed " + reference.name() + "@" + signed.digest() + " with "
                            + key.publicKey().name());
            return 0;
        }
    }

    static Map<String, String> annotations(Arguments arguments) {
        return Values.pairs(ANNOTATION, arguments.values(ANNOTATION));
    }

    /** The password of a key: what the environment says, even if that is nothing, or else what is typed. */
    static KeyPassword password(Console console) {
        return given(console).orElseGet(() -> typed("password of %s: ", 1));
    }

    /** The password of a new key, which is typed twice. */
    static KeyPassword newPassword(Console console) {
        return given(console).orElseGet(() -> typed("password for %s: ", 2));
    }

    private static Optional<KeyPassword> given(Console console) {
        return Optional.ofNullable(console.environment().get("COSIGN_PASSWORD"))
                .map(password -> KeyPassword.of(password.toCharArray()));
    }

    private static KeyPassword typed(String prompt, int times) {
        java.io.Console terminal = System.console();
        if (terminal == null || !terminal.isTerminal()) {
            return KeyPassword.none();
        }
        return what -> {
            char[] first = read(terminal, prompt, what);
            for (int i = 1; i < times; i++) {
                if (!Arrays.equals(first, read(terminal, "the same again: ", what))) {
                    throw new UsageException("the two passwords differ");
                }
            }
            return KeyPassword.of(first).bytes(what);
        };
    }

    private static char[] read(java.io.Console terminal, String prompt, String what) {
        return Optional.ofNullable(terminal.readPassword(prompt, what)).orElseGet(() -> new char[0]);
    }
}
