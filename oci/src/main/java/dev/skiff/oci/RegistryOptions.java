package dev.skiff.oci;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How registries are talked to. Immutable.
 *
 * @param credentials who we say to be, by registry and repository
 * @param plainHttp whether registries are asked without TLS; otherwise only those on this machine that do not speak it
 * @param authorities files with certificates that are trusted besides those of the Java runtime
 * @param certificateFolders folders that have for a registry a folder named {@code HOST:PORT} or {@code HOST}, with files {@code *.crt}
 *     that are trusted for it besides, as Docker's {@code certs.d}; they need not exist
 * @param environment variables that say which proxy to use
 * @param mirrors a file in the format of {@code registries.conf}; it need not exist
 * @param parallel how many blobs are transferred at once, 1 to 64
 * @param attempts how often a request is made before its failure counts, 1 or more
 * @param backOff the first wait between two attempts; each later one is twice as long
 * @param stall for how long a transfer may stand still
 */
public record RegistryOptions(
        CredentialSource credentials,
        boolean plainHttp,
        List<Path> authorities,
        List<Path> certificateFolders,
        Map<String, String> environment,
        Optional<Path> mirrors,
        int parallel,
        int attempts,
        Duration backOff,
        Duration stall) {
    /** What counts where nothing else is said: nobody's credentials, TLS, no proxies. */
    public static final RegistryOptions DEFAULT = new RegistryOptions(
            (registry, repository) -> new Credentials.Anonymous(),
            false,
            List.of(),
            List.of(),
            Map.of(),
            Optional.empty(),
            6,
            5,
            Duration.ofMillis(300),
            Duration.ofSeconds(45));

    /** Copies the collections and checks the numbers. */
    public RegistryOptions {
        authorities = List.copyOf(authorities);
        certificateFolders = List.copyOf(certificateFolders);
        environment = Map.copyOf(environment);
        if (parallel < 1 || parallel > 64 || attempts < 1) {
            throw new IllegalArgumentException("1 to 64 transfers at once and 1 or more attempts");
        }
    }

    /** Knows who we are to a registry. */
    @FunctionalInterface
    public interface CredentialSource {
        /** The credentials for a repository of a registry; anonymous if there are none. */
        Credentials find(String registry, String repository);
    }

    /** These with other credentials. */
    public RegistryOptions withCredentials(CredentialSource source) {
        return with(draft -> draft.credentials = source);
    }

    /** These with or without TLS. */
    public RegistryOptions withPlainHttp(boolean plain) {
        return with(draft -> draft.plainHttp = plain);
    }

    /** These with one more file of certificates to trust. */
    public RegistryOptions withAuthority(Path certificates) {
        List<Path> more = new ArrayList<>(authorities);
        more.add(certificates);
        return with(draft -> draft.authorities = more);
    }

    /** These with other folders of certificates for single registries. */
    public RegistryOptions withCertificateFolders(List<Path> folders) {
        return with(draft -> draft.certificateFolders = folders);
    }

    /** These with the environment's proxies. */
    public RegistryOptions withEnvironment(Map<String, String> variables) {
        return with(draft -> draft.environment = variables);
    }

    /** These with mirrors. */
    public RegistryOptions withMirrors(Path file) {
        return with(draft -> draft.mirrors = Optional.of(file));
    }

    /** These with another number of transfers at once. */
    public RegistryOptions withParallel(int transfers) {
        return with(draft -> draft.parallel = transfers);
    }

    /** These with other patience. */
    public RegistryOptions withPatience(int tries, Duration firstWait, Duration standstill) {
        return with(draft -> {
            draft.attempts = tries;
            draft.backOff = firstWait;
            draft.stall = standstill;
        });
    }

    private RegistryOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** Options that are being changed. */
    private static final class Draft {
        private CredentialSource credentials;
        private boolean plainHttp;
        private List<Path> authorities;
        private List<Path> certificateFolders;
        private Map<String, String> environment;
        private Optional<Path> mirrors;
        private int parallel;
        private int attempts;
        private Duration backOff;
        private Duration stall;

        Draft(RegistryOptions options) {
            credentials = options.credentials;
            plainHttp = options.plainHttp;
            authorities = options.authorities;
            certificateFolders = options.certificateFolders;
            environment = options.environment;
            mirrors = options.mirrors;
            parallel = options.parallel;
            attempts = options.attempts;
            backOff = options.backOff;
            stall = options.stall;
        }

        RegistryOptions options() {
            return new RegistryOptions(
                    credentials,
                    plainHttp,
                    authorities,
                    certificateFolders,
                    environment,
                    mirrors,
                    parallel,
                    attempts,
                    backOff,
                    stall);
        }
    }
}
