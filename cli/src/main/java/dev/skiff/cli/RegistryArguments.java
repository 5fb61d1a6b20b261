package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.CredentialFiles;
import dev.skiff.oci.OciException;
import dev.skiff.oci.Platform;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.RegistryOptions;
import dev.skiff.oci.SignaturePolicy;
import dev.skiff.oci.Store;
import dev.skiff.oci.TrustCheck;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The options that commands about registries and images share, and what they lead to. */
final class RegistryArguments {
    static final Option PLAIN_HTTP =
            Option.flag("Asks registries without TLS. One on this machine needs no such option.", "--plain-http");
    static final Option CA = Option.path(
            "--ca",
            "FILE",
            "Trusts the certificates in FILE besides the usual ones. May be repeated; also $SSL_CERT_FILE.");
    static final Option STORE = Option.path(
            "--store",
            "DIR",
            "Keeps images in DIR. By default in $SKIFF_STORE, or else $XDG_DATA_HOME/skiff, or else"
                    + " ~/.local/share/skiff.");
    static final Option PLATFORM = Option.value(
            "--platform",
            "OS/ARCH",
            "Of an image for several platforms, this one. By default WebAssembly, or else Linux as here.");
    static final Option QUIET = Option.flag("Says nothing of what is under way.", "-q", "--quiet");
    static final Option FORMAT = Option.choice("--format", "FORMAT", "text (the default) or json.", "text", "json");
    static final Option POLICY = Option.path(
            "--policy",
            "FILE",
            "Takes only what FILE says may be taken: which keys must have signed what. By default $SKIFF_POLICY, or else"
                    + " $XDG_CONFIG_HOME/skiff/policy.toml or ~/.config/skiff/policy.toml, or else /etc/skiff/policy.toml.");
    static final OptionGroup CONNECTION = new OptionGroup("Registry", List.of(PLAIN_HTTP, CA));

    private RegistryArguments() {}

    /**
     * Access to registries as the options and the environment say. {@code registries.conf} of Podman and Skopeo names mirrors.
     *
     * @throws dev.skiff.oci.OciException if a file that they name cannot be used
     */
    static Registry registry(Arguments arguments, Console console) {
        return new Registry(options(arguments, console));
    }

    static RegistryOptions options(Arguments arguments, Console console) {
        RegistryOptions options = RegistryOptions.DEFAULT
                .withCredentials(CredentialFiles.of(console.environment()))
                .withEnvironment(console.environment())
                .withCertificateFolders(certificateFolders(console))
                .withPlainHttp(arguments.has(PLAIN_HTTP));
        for (String file : arguments.values(CA)) {
            options = options.withAuthority(Path.of(file));
        }
        Optional<String> certificates = console.variable("SSL_CERT_FILE");
        if (certificates.isPresent()) {
            options = options.withAuthority(Path.of(certificates.get()));
        }
        return mirrors(console).map(options::withMirrors).orElse(options);
    }

    /** Where Podman and Docker look. */
    private static List<Path> certificateFolders(Console console) {
        return Stream.concat(
                        console.variable("HOME").map(home -> Path.of(home, ".config/containers/certs.d")).stream(),
                        Stream.of(Path.of("/etc/containers/certs.d"), Path.of("/etc/docker/certs.d")))
                .toList();
    }

    private static Optional<Path> mirrors(Console console) {
        Optional<Path> named = console.variable("CONTAINERS_REGISTRIES_CONF").map(Path::of);
        Optional<Path> own = console.variable("HOME").map(home -> Path.of(home, ".config/containers/registries.conf"));
        return named.or(() -> Stream.of(own, Optional.of(Path.of("/etc/containers/registries.conf")))
                .flatMap(Optional::stream)
                .filter(Files::exists)
                .findFirst());
    }

    /**
     * The policy that the options or the environment name; one that was named must be there.
     *
     * @throws dev.skiff.oci.OciException if it cannot be read
     */
    static TrustCheck trust(Arguments arguments, Console console) {
        return policy(arguments, console)
                .map(file -> TrustCheck.of(SignaturePolicy.load(file)))
                .orElse(TrustCheck.NONE);
    }

    static Optional<Path> policy(Arguments arguments, Console console) {
        Optional<Path> own = console.variable("XDG_CONFIG_HOME")
                .map(Path::of)
                .or(() -> console.variable("HOME").map(home -> Path.of(home, ".config")))
                .map(config -> config.resolve("skiff/policy.toml"));
        return arguments
                .value(POLICY)
                .or(() -> console.variable("SKIFF_POLICY"))
                .map(Path::of)
                .or(() -> Stream.of(own, Optional.of(Path.of("/etc/skiff/policy.toml")))
                        .flatMap(Optional::stream)
                        .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                        .findFirst());
    }

    /** The store that the options or the environment name. */
    static Store store(Arguments arguments, Console console) {
        return Store.at(arguments
                .value(STORE)
                .or(() -> console.variable("SKIFF_STORE"))
                .map(Path::of)
                .or(() -> console.variable("XDG_DATA_HOME")
                        .map(Path::of)
                        .filter(Path::isAbsolute)
                        .map(home -> home.resolve("skiff")))
                .or(() -> console.variable("HOME").map(home -> Path.of(home, ".local/share/skiff")))
                .orElseThrow(() -> new UsageException(
                        "there is no place to keep images: neither --store, SKIFF_STORE nor HOME says where")));
    }

    static Optional<Platform> platform(Arguments arguments) {
        return arguments.value(PLATFORM).map(text -> {
            try {
                return Platform.parse(text);
            } catch (OciException e) {
                throw Values.wrong(PLATFORM, text, "OS/ARCHITECTURE, such as wasi/wasm or linux/arm64");
            }
        });
    }

    /** Whether JSON is wanted. */
    static boolean json(Arguments arguments) {
        String format = arguments.value(FORMAT).orElse("text");
        if (!format.equals("text") && !format.equals("json")) {
            throw Values.wrong(FORMAT, format, "text or json");
        }
        return format.equals("json");
    }

    /** A reference as people write it, perhaps behind {@code oci://}. */
    static Reference reference(String text) {
        return Reference.parse(text.startsWith("oci://") ? text.substring("oci://".length()) : text);
    }
}
