package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Example;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.oci.CredentialFiles;
import dev.skiff.oci.Credentials;
import dev.skiff.oci.DockerConfig;
import dev.skiff.oci.OciException;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** {@code skiff registry login}. */
final class RegistryLoginCommand implements Command {
    private static final Option USER =
            Option.value("--username", "NAME", "Who you are to the registry.").or("-u");
    private static final Option PASSWORD = Option.value(
                    "--password",
                    "SECRET",
                    "The password. Others on this machine can see it; better is --password-stdin.")
            .or("-p");
    private static final Option STDIN = Option.flag("Reads the password from standard input.", "--password-stdin");
    private static final int MAX_PASSWORD = 1 << 16;

    @Override
    public CommandSpec spec() {
        return new CommandSpec(
                "registry login",
                "Logs in to a registry.",
                "The credentials are kept where Docker keeps them ($DOCKER_CONFIG/config.json or ~/.docker/config.json, or the"
                        + " credential helper that it names; $REGISTRY_AUTH_FILE names another file), so that each finds"
                        + " what the other was told.",
                List.of(
                        new OptionGroup("Credentials", List.of(USER, STDIN, PASSWORD)),
                        RegistryArguments.CONNECTION,
                        OptionGroup.OTHER),
                List.of(new Operand(
                        "REGISTRY", "The registry's host and port; by default Docker Hub.", Arity.OPTIONAL)),
                List.of(new Example("skiff registry login -u me --password-stdin ghcr.io < token", "logs in")));
    }

    @Override
    public int run(Arguments arguments, Console console) {
        String registry = registry(arguments);
        Credentials.Basic credentials = new Credentials.Basic(user(arguments), password(arguments, console));
        try (Registry access = new Registry(
                RegistryArguments.options(arguments, console).withCredentials((asked, repository) -> credentials))) {
            access.ping(registry);
        } catch (OciException e) {
            // Its sentence would advise to log in.
            throw e.problem() == OciException.Problem.UNAUTHORIZED
                    ? new CommandException(
                            1, "cannot log in: " + registry + " does not accept this user with this password", e)
                    : e;
        }
        DockerConfig config = CredentialFiles.of(console.environment())
                .first()
                .orElseThrow(
                        () -> new UsageException(
                                "there is no place to keep credentials: neither REGISTRY_AUTH_FILE, DOCKER_CONFIG nor HOME says where"));
        String place = config.store(registry, credentials);
        console.stdout().println("logged in to " + registry + "; the credentials are in " + place);
        return 0;
    }

    /** The registry that an argument names: a host, perhaps with what people copy along. */
    static String registry(Arguments arguments) {
        if (arguments.operands().isEmpty()) {
            return Reference.DOCKER_HUB;
        }
        String text = arguments.operands().getFirst();
        String host = text.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        String probe = host.contains(".") || host.contains(":") || host.equals("localhost") ? host : host + ".invalid";
        RegistryArguments.reference(probe + "/login");
        return host.equals("index.docker.io") ? Reference.DOCKER_HUB : host;
    }

    private static String user(Arguments arguments) {
        Optional<String> user = arguments.value(USER);
        if (user.isPresent()) {
            return user.get();
        }
        java.io.Console terminal = terminal("--username says who you are");
        return Optional.ofNullable(terminal.readLine("username: ")).orElse("");
    }

    private static String password(Arguments arguments, Console console) {
        if (arguments.has(STDIN)) {
            try {
                byte[] text = console.stdin().readNBytes(MAX_PASSWORD);
                return new String(text, StandardCharsets.UTF_8).replaceFirst("\\R$", "");
            } catch (IOException e) {
                throw new CommandException(1, "cannot read the password: " + e.getMessage(), e);
            }
        }
        return arguments.value(PASSWORD).orElseGet(() -> {
            char[] typed = terminal("--password-stdin reads the password").readPassword("password: ");
            return typed == null ? "" : new String(typed);
        });
    }

    private static java.io.Console terminal(String instead) {
        java.io.Console terminal = System.console();
        if (terminal == null || !terminal.isTerminal()) {
            throw new UsageException("there is no terminal to ask at; " + instead);
        }
        return terminal;
    }
}
