package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.KeyFiles;
import dev.skiff.oci.PlainText;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.SignaturePolicy;
import dev.skiff.oci.TransferListener;
import dev.skiff.oci.TrustDecision;
import dev.skiff.oci.VerificationKey;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code skiff verify}. */
final class VerifyCommand implements Command {
    private static final Option KEY = Option.path(
            "--key", "FILE", "A public key that may have signed it. May be repeated; one of them is enough.");

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "verify",
                "Verifies the signatures of an image of a registry.",
                "With --key it must be signed with one of the keys, as skiff sign and cosign sign --key do; otherwise the policy"
                        + " decides, as it does when the image is pulled, loaded or run. Status 1 says that it is not accepted.",
                List.of(
                        new OptionGroup(
                                "What is accepted", List.of(KEY, SignCommand.ANNOTATION, RegistryArguments.POLICY)),
                        RegistryArguments.CONNECTION,
                        new OptionGroup("Output", List.of(RegistryArguments.FORMAT)),
                        OptionGroup.OTHER),
                List.of(new Operand("REF", "The image: REGISTRY/REPOSITORY[:TAG][@DIGEST].", Arity.ONE)),
                List.of(new Example("skiff verify --key cosign.pub ghcr.io/me/app:v1", "says whether it is signed")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        Reference reference =
                RegistryArguments.reference(arguments.operands().getFirst()).withDefaultTag();
        boolean json = RegistryArguments.json(arguments);
        SignaturePolicy policy = policy(arguments, console);
        try (Registry registry = RegistryArguments.registry(arguments, console)) {
            TrustDecision decision = registry.verify(reference, policy, TransferListener.NONE);
            if (json) {
                console.stdout().println(JsonWriter.write(json(reference, decision)));
                return decision instanceof TrustDecision.Accepted ? 0 : 1;
            }
            decision.demand();
            console.stdout().println(reference.familiar() + " is accepted by " + decision.rule());
            decision.signatures().forEach(verdict -> console.stdout().println("  " + PlainText.of(verdict.toString())));
            return 0;
        }
    }

    private static SignaturePolicy policy(Arguments arguments, Console console) {
        List<VerificationKey> keys = arguments.values(KEY).stream()
                .map(file -> KeyFiles.publicKey(Path.of(file)))
                .toList();
        if (!keys.isEmpty()) {
            return SignaturePolicy.requiring(keys, false, SignCommand.annotations(arguments));
        }
        return RegistryArguments.policy(arguments, console)
                .map(SignaturePolicy::load)
                .orElseThrow(() -> new UsageException(
                        "skiff verify needs a public key (--key FILE), or a policy (--policy FILE)"));
    }

    private static Map<String, Object> json(Reference reference, TrustDecision decision) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("reference", reference.toString());
        report.put("accepted", decision instanceof TrustDecision.Accepted);
        report.put("rule", decision.rule());
        if (decision instanceof TrustDecision.Rejected rejected) {
            report.put("reason", rejected.reason());
        }
        report.put(
                "signatures",
                decision.signatures().stream().map(Object::toString).toList());
        return report;
    }
}
