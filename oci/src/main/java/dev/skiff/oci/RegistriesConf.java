package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * Mirrors, moved and blocked registries: what is read of {@code registries.conf} (version 2) of Podman, Skopeo and CRI-O.
 *
 * @param rules the rules, in the order of the file
 */
record RegistriesConf(List<Rule> rules) {
    static final RegistriesConf EMPTY = new RegistriesConf(List.of());

    /** When a mirror is asked. */
    enum PullFromMirror {
        ALL,
        DIGEST_ONLY,
        TAG_ONLY
    }

    /**
     * Where something is.
     *
     * @param location host, port and perhaps the beginning of a path
     * @param insecure whether it need not prove who it is, and may be without TLS
     * @param when for what it is asked
     */
    record Place(String location, boolean insecure, PullFromMirror when) {
        private Optional<Access> access(Optional<Access> said) {
            return said.or(() -> insecure ? Optional.of(Access.INSECURE) : Optional.empty());
        }
    }

    /**
     * What counts for repositories that begin with a prefix.
     *
     * @param prefix registry and perhaps the beginning of a path, or {@code *.domain}
     * @param blocked whether it is not asked at all
     * @param place where it is
     * @param mirrors what is asked before
     */
    record Rule(String prefix, boolean blocked, Place place, List<Place> mirrors) {
        boolean matches(String name) {
            if (prefix.startsWith("*.")) {
                return registry(name).endsWith(prefix.substring(1));
            }
            return name.equals(prefix) || name.startsWith(prefix + "/");
        }

        private static String registry(String name) {
            int colon = name.indexOf(':');
            int slash = name.indexOf('/');
            return name.substring(0, colon >= 0 && colon < slash ? colon : slash);
        }

        /** What is left of a name behind the prefix. */
        private String rest(String name) {
            return prefix.startsWith("*.") ? name.substring(name.indexOf('/')) : name.substring(prefix.length());
        }
    }

    /**
     * Reads a file; without one there are no rules.
     *
     * @throws OciException if it is no such file
     */
    static RegistriesConf read(Path file) {
        try {
            String text = Files.readString(file);
            if (text.lines()
                    .allMatch(line -> line.isBlank() || line.stripLeading().startsWith("#"))) {
                // As it is where a package manager put it; the parser takes longer to load than many a pull.
                return EMPTY;
            }
            TomlParseResult toml = Toml.parse(text);
            if (toml.hasErrors()) {
                throw new OciException(
                        Problem.INVALID,
                        "the file " + file + " is no TOML: "
                                + toml.errors().stream().map(Object::toString).collect(Collectors.joining("; ")));
            }
            return new RegistriesConf(rules(toml, file));
        } catch (NoSuchFileException e) {
            return EMPTY;
        } catch (IOException e) {
            throw StoreFiles.failure("read", file, e);
        }
    }

    private static List<Rule> rules(TomlParseResult toml, Path file) {
        List<Rule> rules = new ArrayList<>();
        for (TomlTable table : tables(toml, "registry", file)) {
            Optional<String> location = text(table, "location", file);
            String prefix = text(table, "prefix", file)
                    .or(() -> location)
                    .orElseThrow(() -> invalid(file, "a [[registry]] has neither prefix nor location"));
            PullFromMirror usual =
                    flag(table, "mirror-by-digest-only", file) ? PullFromMirror.DIGEST_ONLY : PullFromMirror.ALL;
            List<Place> mirrors = new ArrayList<>();
            for (TomlTable mirror : tables(table, "mirror", file)) {
                String at = text(mirror, "location", file)
                        .orElseThrow(() -> invalid(file, "a [[registry.mirror]] of " + prefix + " has no location"));
                mirrors.add(new Place(at, flag(mirror, "insecure", file), when(mirror, usual, file)));
            }
            // Without a location it is where the reference says.
            Place place = new Place(location.orElse(""), flag(table, "insecure", file), PullFromMirror.ALL);
            rules.add(new Rule(prefix, flag(table, "blocked", file), place, List.copyOf(mirrors)));
        }
        return List.copyOf(rules);
    }

    private static PullFromMirror when(TomlTable mirror, PullFromMirror usual, Path file) {
        Optional<String> value = text(mirror, "pull-from-mirror", file);
        if (value.isEmpty()) {
            return usual;
        }
        return switch (value.get()) {
            case "all" -> PullFromMirror.ALL;
            case "digest-only" -> PullFromMirror.DIGEST_ONLY;
            case "tag-only" -> PullFromMirror.TAG_ONLY;
            default -> throw invalid(file, "pull-from-mirror is all, digest-only or tag-only, not " + value.get());
        };
    }

    private static List<TomlTable> tables(TomlTable parent, String name, Path file) {
        if (!parent.contains(List.of(name))) {
            return List.of();
        }
        if (!(parent.get(List.of(name)) instanceof TomlArray array)) {
            throw invalid(file, name + " is not written as [[" + name + "]]");
        }
        List<TomlTable> tables = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            if (!(array.get(i) instanceof TomlTable table)) {
                throw invalid(file, name + " is not written as [[" + name + "]]");
            }
            tables.add(table);
        }
        return tables;
    }

    private static Optional<String> text(TomlTable table, String name, Path file) {
        Object value = table.get(List.of(name));
        if (value != null && !(value instanceof String)) {
            throw invalid(file, name + " is not a string");
        }
        return Optional.ofNullable((String) value).filter(text -> !text.isEmpty());
    }

    private static boolean flag(TomlTable table, String name, Path file) {
        Object value = table.get(List.of(name));
        if (value != null && !(value instanceof Boolean)) {
            throw invalid(file, name + " is not true or false");
        }
        return value != null && (Boolean) value;
    }

    private static OciException invalid(Path file, String what) {
        return new OciException(Problem.INVALID, "the file " + file + " is not as it must be: " + what);
    }

    /**
     * Where a reference is asked for, mirrors first.
     *
     * @param said what the user said of the access to the registry itself
     * @throws OciException if its registry is blocked
     */
    List<Endpoint> endpoints(Reference reference, Optional<Access> said) {
        String name = reference.name();
        Optional<Rule> found = rules.stream()
                .filter(rule -> rule.matches(name))
                .max((a, b) -> Integer.compare(a.prefix().length(), b.prefix().length()));
        if (found.isEmpty()) {
            return List.of(Endpoint.of(reference, said));
        }
        Rule rule = found.get();
        if (rule.blocked()) {
            throw new OciException(
                    Problem.FORBIDDEN,
                    "the registry of " + name + " is blocked by " + rule.prefix() + " in registries.conf");
        }
        List<Endpoint> endpoints = new ArrayList<>();
        for (Place mirror : rule.mirrors()) {
            boolean digest = reference.digest().isPresent();
            if (mirror.when() == PullFromMirror.ALL || (mirror.when() == PullFromMirror.DIGEST_ONLY) == digest) {
                endpoints.add(endpoint(mirror, rule.rest(name), Optional.empty(), true));
            }
        }
        endpoints.add(
                rule.place().location().isEmpty()
                        ? Endpoint.of(reference, rule.place().access(said))
                        : endpoint(rule.place(), rule.rest(name), said, false));
        return endpoints;
    }

    private static Endpoint endpoint(Place place, String rest, Optional<Access> said, boolean mirror) {
        Reference there = Reference.parse(place.location() + rest);
        Endpoint endpoint = Endpoint.of(there, place.access(said));
        return new Endpoint(endpoint.host(), endpoint.repository(), endpoint.access(), mirror);
    }
}
