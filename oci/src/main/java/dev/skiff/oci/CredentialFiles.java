package dev.skiff.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files in which tools of the field keep credentials, in the order in which they are asked: {@code $REGISTRY_AUTH_FILE},
 * Docker's, Podman's, Spin's. Thread-safe.
 */
public final class CredentialFiles implements RegistryOptions.CredentialSource {
    private final List<DockerConfig> files;

    private CredentialFiles(List<DockerConfig> files) {
        this.files = List.copyOf(files);
    }

    /** The files that an environment leads to. */
    public static CredentialFiles of(Map<String, String> environment) {
        List<DockerConfig> files = new ArrayList<>();
        Stream.of(
                        path(environment, "REGISTRY_AUTH_FILE", ""),
                        path(environment, "DOCKER_CONFIG", "config.json")
                                .or(() -> path(environment, "HOME", ".docker/config.json")),
                        path(environment, "XDG_RUNTIME_DIR", "containers/auth.json"),
                        configHome(environment, "containers/auth.json"),
                        configHome(environment, "fermyon/registry-auth.json"))
                .flatMap(Optional::stream)
                .forEach(file -> files.add(new DockerConfig(file)));
        return new CredentialFiles(files);
    }

    private static Optional<Path> path(Map<String, String> environment, String variable, String rest) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> !value.isEmpty())
                .map(value -> Path.of(value).resolve(rest));
    }

    private static Optional<Path> configHome(Map<String, String> environment, String rest) {
        return path(environment, "XDG_CONFIG_HOME", rest).or(() -> path(environment, "HOME", ".config/" + rest));
    }

    @Override
    public Credentials find(String registry, String repository) {
        for (DockerConfig file : files) {
            Optional<Credentials> found = file.find(registry, repository);
            if (found.isPresent()) {
                return found.get();
            }
        }
        return new Credentials.Anonymous();
    }

    /** The file in which credentials are kept: the first one. Empty if the environment leads to none. */
    public Optional<DockerConfig> first() {
        return files.stream().findFirst();
    }

    /** All of them. */
    public List<DockerConfig> all() {
        return files;
    }
}
