package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file with credentials in the format of Docker's {@code config.json}, which Podman and Spin use too. It is read when it is
 * asked. Thread-safe for readers.
 */
public final class DockerConfig {
    /** What the file calls Docker Hub. */
    private static final String HUB_KEY = "https://index.docker.io/v1/";

    private final Path file;
    private final Map<String, String> environment;

    /** The configuration in a file, which need not exist. */
    public DockerConfig(Path file) {
        this(file, System.getenv());
    }

    /**
     * The configuration in a file, which need not exist.
     *
     * @param environment the variables for helper programs, which are looked for in its {@code PATH}
     */
    public DockerConfig(Path file, Map<String, String> environment) {
        this.file = file;
        this.environment = Map.copyOf(environment);
    }

    private CredentialHelper helper(String name) {
        return new CredentialHelper(name, environment);
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /**
     * The credentials for a registry: those of a helper program if one is configured for it, or else what the file has. An entry for
     * {@code registry/path} counts for repositories beneath it, the longest first, as with Podman.
     *
     * @throws OciException if the file cannot be read or a helper fails
     */
    public Optional<Credentials> find(String registry, String repository) {
        Optional<JsonObject> json = read();
        if (json.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> helper = json.get().object("credHelpers").flatMap(helpers -> first(helpers, registry));
        if (helper.isPresent()) {
            return helper(helper.get()).get(key(registry));
        }
        Optional<Credentials> kept = json.get().object("auths").flatMap(auths -> kept(auths, registry, repository));
        if (kept.isPresent()) {
            return kept;
        }
        return json.get()
                .text("credsStore")
                .filter(store -> !store.isEmpty())
                .flatMap(store -> helper(store).get(key(registry)));
    }

    private static Optional<String> first(JsonObject helpers, String registry) {
        return names(registry).stream()
                .flatMap(name -> helpers.text(name).stream())
                .findFirst();
    }

    private Optional<Credentials> kept(JsonObject auths, String registry, String repository) {
        List<String> keys = new ArrayList<>();
        for (String path = registry + "/" + repository; path.length() > registry.length(); path = parent(path)) {
            keys.add(path);
        }
        keys.addAll(names(registry));
        auths.members().keySet().stream().filter(key -> isFor(key, registry)).forEach(keys::add);
        return keys.stream()
                .flatMap(key -> auths.object(key).flatMap(entry -> credentials(entry, key)).stream())
                .findFirst();
    }

    /** Whether a key is a URL with the host of a registry; Docker ignores its path. */
    private static boolean isFor(String key, String registry) {
        int scheme = key.indexOf("://");
        return scheme > 0 && key.substring(scheme + 3).split("/", 2)[0].equals(registry);
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    /** The names under which programs have written a registry into such files. */
    private static List<String> names(String registry) {
        if (registry.equals(Reference.DOCKER_HUB)) {
            return List.of(HUB_KEY, "docker.io", "index.docker.io", "https://index.docker.io", "registry-1.docker.io");
        }
        return List.of(
                registry,
                "https://" + registry,
                "https://" + registry + "/",
                "http://" + registry,
                "https://" + registry + "/v1/",
                "https://" + registry + "/v2/");
    }

    private Optional<Credentials> credentials(JsonObject entry, String key) {
        Optional<String> identity = entry.text("identitytoken").filter(token -> !token.isEmpty());
        if (identity.isPresent()) {
            return Optional.of(new Credentials.RefreshToken(identity.get()));
        }
        Optional<String> token = entry.text("registrytoken").filter(value -> !value.isEmpty());
        if (token.isPresent()) {
            return Optional.of(new Credentials.Bearer(token.get()));
        }
        Optional<String> auth = entry.text("auth").filter(value -> !value.isEmpty());
        if (auth.isPresent()) {
            return Optional.of(basic(auth.get(), key));
        }
        return entry.text("username")
                .flatMap(user -> entry.text("password").map(password -> new Credentials.Basic(user, password)));
    }

    private Credentials basic(String auth, String key) {
        try {
            String text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            if (colon > 0) {
                return new Credentials.Basic(
                        text.substring(0, colon), text.substring(colon + 1).replace("\0", ""));
            }
        } catch (IllegalArgumentException e) {
            throw new OciException(Problem.INVALID, entry(key) + "an auth that is not base64", e);
        }
        throw new OciException(Problem.INVALID, entry(key) + "an auth without a user");
    }

    private String entry(String key) {
        return "the file " + file + " has for " + key + " ";
    }

    /**
     * Keeps credentials: with the helper program that is configured, or else in the file, which only its owner can read.
     *
     * @return where they are now, for people
     */
    public String store(String registry, Credentials.Basic credentials) {
        if (credentials.user().isEmpty() || credentials.user().indexOf(':') >= 0) {
            throw new OciException(
                    Problem.INVALID,
                    "the user " + credentials.user() + " for " + registry + " is empty or has a colon");
        }
        JsonObject json = read().orElse(new JsonObject(Map.of(), file.toString()));
        Optional<String> helper = helperOf(json, registry);
        if (helper.isPresent()) {
            helper(helper.get()).store(key(registry), credentials);
            forget(json, registry);
            return "docker-credential-" + helper.get();
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put(
                "auth",
                Base64.getEncoder()
                        .encodeToString(
                                (credentials.user() + ":" + credentials.password()).getBytes(StandardCharsets.UTF_8)));
        Map<String, Object> auths = auths(json);
        auths.put(key(registry), entry);
        write(json, auths);
        return file.toString();
    }

    /** Forgets the credentials for a registry; whether there were any. */
    public boolean erase(String registry) {
        Optional<JsonObject> json = read();
        if (json.isEmpty()) {
            return false;
        }
        Optional<String> helper = helperOf(json.get(), registry);
        boolean helped =
                helper.isPresent() && helper(helper.get()).get(key(registry)).isPresent();
        if (helped) {
            helper(helper.get()).erase(key(registry));
        }
        return forget(json.get(), registry) || helped;
    }

    /** Removes what the file itself has, which would win over what a helper has. */
    private boolean forget(JsonObject json, String registry) {
        Map<String, Object> auths = auths(json);
        List<String> names = names(registry);
        boolean kept = auths.keySet().removeIf(key -> names.contains(key) || isFor(key, registry));
        if (kept) {
            write(json, auths);
        }
        return kept;
    }

    private static Optional<String> helperOf(JsonObject json, String registry) {
        return json.object("credHelpers")
                .flatMap(helpers -> first(helpers, registry))
                .or(() -> json.text("credsStore").filter(store -> !store.isEmpty()));
    }

    private static Map<String, Object> auths(JsonObject json) {
        return new LinkedHashMap<>(json.object("auths").map(JsonObject::members).orElse(Map.of()));
    }

    private static String key(String registry) {
        return registry.equals(Reference.DOCKER_HUB) ? HUB_KEY : registry;
    }

    private Optional<JsonObject> read() {
        try {
            byte[] text = Files.readAllBytes(file);
            return text.length == 0 ? Optional.empty() : Optional.of(Json.object(text, "the file " + file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }

    private void write(JsonObject json, Map<String, Object> auths) {
        Map<String, Object> whole = new LinkedHashMap<>(json.members());
        whole.put("auths", auths);
        try {
            // A link leads to the file that is meant.
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            StoreFiles.createDirectories(target.getParent());
            StoreFiles.replace(target, Json.write(whole));
        } catch (IOException e) {
            throw StoreFiles.failure("write", file, e);
        }
    }
}
