package dev.skiff.oci;

import dev.skiff.oci.OciException.Problem;
import dev.skiff.oci.PolicyRule.Requirement;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads the text of a {@link SignaturePolicy}. What it does not know is an error. */
final class PolicyReader {
    private static final Set<String> TOP = Set.of("default", "rule");
    private static final Set<String> SIGNED = Set.of("keys", "threshold", "annotations", "signed-as");
    private static final String REPOSITORY = "repository";
    private static final String REQUIRE = "require";

    private final Path file;

    PolicyReader(Path file) {
        this.file = file;
    }

    /**
     * Reads a policy.
     *
     * @throws OciException if it is none
     */
    SignaturePolicy read(String text) {
        TomlParseResult top = Toml.parse(text);
        if (top.hasErrors()) {
            TomlParseError error = top.errors().getFirst();
            throw wrong(error.position(), firstLine(error.getMessage()));
        }
        needKnown(top, TOP, "a policy");
        Map<RepositoryPattern, PolicyRule> rules = new LinkedHashMap<>();
        TomlArray list = value(top, "rule", TomlArray.class, "an array of tables: [[rule]]")
                .orElseGet(() -> Toml.parse("none = []").getArray("none"));
        for (int i = 0; i < list.size(); i++) {
            if (!(list.get(i) instanceof TomlTable table)) {
                throw wrong(list.inputPositionOf(i), "rule must be an array of tables: [[rule]]");
            }
            addRule(rules, table, list.inputPositionOf(i));
        }
        return new SignaturePolicy(rules, otherwise(top));
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("it is no TOML text");
    }

    private PolicyRule otherwise(TomlTable top) {
        Optional<TomlTable> table = value(top, "default", TomlTable.class, "a table: [default]");
        if (table.isEmpty()) {
            return new PolicyRule("the policy " + file + ", which has no default", new Requirement.Reject());
        }
        TomlPosition position = position(top, "default");
        return new PolicyRule(
                "the default (" + file + ", line " + position.line() + ")",
                requirement(table.orElseThrow(), position, Set.of()));
    }

    private void addRule(Map<RepositoryPattern, PolicyRule> rules, TomlTable table, TomlPosition position) {
        String text = value(table, REPOSITORY, String.class, "a string")
                .orElseThrow(() -> wrong(position, "the rule says no repository"));
        RepositoryPattern pattern = at(position(table, REPOSITORY), () -> RepositoryPattern.parse(text));
        PolicyRule rule = new PolicyRule(
                "the rule for " + pattern + " (" + file + ", line " + position.line() + ")",
                requirement(table, position, Set.of(REPOSITORY)));
        PolicyRule other = rules.putIfAbsent(pattern, rule);
        if (other != null) {
            throw wrong(position(table, REPOSITORY), "there is another rule for " + pattern + ": " + other.title());
        }
    }

    private Requirement requirement(TomlTable table, TomlPosition position, Set<String> others) {
        String require = value(table, REQUIRE, String.class, "a string")
                .orElseThrow(
                        () -> wrong(position, "there is no " + REQUIRE + ": \"accept\", \"reject\" or \"signed\""));
        if (!Set.of("accept", "reject", "signed").contains(require)) {
            throw wrong(
                    position(table, REQUIRE),
                    REQUIRE + " is \"" + require + "\" and must be \"accept\", \"reject\" or \"signed\"");
        }
        Set<String> known = new LinkedHashSet<>(others);
        known.add(REQUIRE);
        if (require.equals("signed")) {
            known.addAll(SIGNED);
        }
        needKnown(table, known, "a rule that says " + REQUIRE + " = \"" + require + "\"");
        return switch (require) {
            case "accept" -> new Requirement.Accept();
            case "reject" -> new Requirement.Reject();
            default -> signed(table, position);
        };
    }

    private Requirement signed(TomlTable table, TomlPosition position) {
        TomlArray list = value(table, "keys", TomlArray.class, "an array of strings")
                .filter(keys -> !keys.isEmpty())
                .orElseThrow(() -> wrong(position, "the rule asks for signatures, and says no keys"));
        Set<VerificationKey> keys = new LinkedHashSet<>();
        for (int i = 0; i < list.size(); i++) {
            TomlPosition place = list.inputPositionOf(i);
            if (!(list.get(i) instanceof String text)) {
                throw wrong(place, "keys must be an array of strings");
            }
            int number = i + 1;
            keys.add(at(place, () -> key(text, "key " + number + " in line " + place.line() + " of " + file)));
        }
        String threshold = value(table, "threshold", String.class, "a string").orElse("any");
        if (!threshold.equals("any") && !threshold.equals("all")) {
            throw wrong(
                    position(table, "threshold"), "threshold is \"" + threshold + "\" and must be \"any\" or \"all\"");
        }
        Optional<RepositoryPattern> signedAs = value(table, "signed-as", String.class, "a string")
                .map(text -> at(position(table, "signed-as"), () -> RepositoryPattern.parse(text)));
        return new Requirement.Signed(
                new SignatureChecker(List.copyOf(keys), annotations(table), signedAs), threshold.equals("all"));
    }

    private VerificationKey key(String text, String name) {
        if (text.contains("-----BEGIN")) {
            return VerificationKey.parse(text.getBytes(StandardCharsets.UTF_8), name);
        }
        try {
            return KeyFiles.publicKey(file.resolveSibling(text));
        } catch (InvalidPathException e) {
            throw new OciException(Problem.INVALID, "a key is no path: " + e.getMessage(), e);
        }
    }

    private Map<String, String> annotations(TomlTable table) {
        Map<String, String> annotations = new LinkedHashMap<>();
        value(table, "annotations", TomlTable.class, "a table of strings").ifPresent(wanted -> {
            for (String name : wanted.keySet()) {
                annotations.put(
                        name, value(wanted, name, String.class, "a string").orElseThrow());
            }
        });
        return annotations;
    }

    private <T> Optional<T> value(TomlTable table, String name, Class<T> type, String kind) {
        Object value = table.get(List.of(name));
        if (value != null && !type.isInstance(value)) {
            throw wrong(position(table, name), name + " must be " + kind);
        }
        return Optional.ofNullable(type.cast(value));
    }

    private void needKnown(TomlTable table, Set<String> known, String what) {
        List<String> unknown = new ArrayList<>(table.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            String name = unknown.getFirst();
            throw wrong(
                    position(table, name),
                    what + " has no member " + name + "; known are " + String.join(", ", new TreeSet<>(known)));
        }
    }

    private static TomlPosition position(TomlTable table, String name) {
        return table.inputPositionOf(List.of(name));
    }

    /** What is wrong with a value, with the value's place. */
    private <T> T at(TomlPosition position, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (OciException e) {
            throw new OciException(e.problem(), place(position) + e.getMessage(), e);
        }
    }

    private OciException wrong(TomlPosition position, String why) {
        return new OciException(Problem.INVALID, place(position) + why);
    }

    private String place(TomlPosition position) {
        return "the policy " + file + ", line " + position.line() + ", column " + position.column() + ": ";
    }
}
