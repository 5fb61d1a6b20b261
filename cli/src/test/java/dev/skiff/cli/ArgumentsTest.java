package dev.skiff.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skiff.cli.CommandSpec.Arity;
import dev.skiff.cli.CommandSpec.Operand;
import dev.skiff.cli.CommandSpec.OptionGroup;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static final Option DIR = Option.path("--dir", "DIR", "A directory.");
    private static final Option FUEL = Option.value("--fuel", "N", "Fuel.");
    private static final Option QUIET = Option.flag("Says less.", "-q", "--quiet");
    private static final CommandSpec RUN = spec(Arity.ONE, Arity.REST);
    private static final CommandSpec MANY = spec(Arity.ONE_OR_MORE);

    private static CommandSpec copying(Arity last) {
        return new CommandSpec(
                "copy",
                "",
                "",
                List.of(),
                List.of(new Operand("SRC", "", Arity.ONE), new Operand("DST", "", last)),
                List.of());
    }

    private static CommandSpec spec(Arity... arities) {
        List<Operand> operands = java.util.Arrays.stream(arities)
                .map(arity -> new Operand("FILE", "", arity))
                .toList();
        return new CommandSpec(
                "try",
                "",
                "",
                List.of(new OptionGroup("Options", List.of(DIR, FUEL, QUIET, Option.HELP))),
                operands,
                List.of());
    }

    private static Arguments parse(CommandSpec spec, String... args) {
        return Arguments.parse(spec, List.of(args));
    }

    @Test
    void valuesStandBehindASpaceOrAnEqualsSign() {
        Arguments arguments = parse(RUN, "--fuel", "7", "--dir=a=b", "x.wasm");

        assertThat(arguments.value(FUEL)).contains("7");
        assertThat(arguments.value(DIR)).contains("a=b");
        assertThat(arguments.operands()).containsExactly("x.wasm");
    }

    @Test
    void optionsEndAtTheFileWhoseArgumentsFollow() {
        Arguments arguments = parse(RUN, "-q", "x.wasm", "--fuel", "--help", "--", "-q");

        assertThat(arguments.has(QUIET)).isTrue();
        assertThat(arguments.has(FUEL)).isFalse();
        assertThat(arguments.has(Option.HELP)).isFalse();
        assertThat(arguments.operands()).containsExactly("x.wasm", "--fuel", "--help", "--", "-q");
    }

    @Test
    void twoDashesEndTheOptions() {
        assertThat(parse(RUN, "--", "--fuel", "x").operands()).containsExactly("--fuel", "x");
        assertThat(parse(MANY, "a", "--", "-q").operands()).containsExactly("a", "-q");
    }

    @Test
    void optionsAndFilesMixWhereNoGuestArgumentsFollow() {
        Arguments arguments = parse(MANY, "a", "-q", "b");

        assertThat(arguments.has(QUIET)).isTrue();
        assertThat(arguments.operands()).containsExactly("a", "b");
    }

    @Test
    void ofSeveralValuesTheLastCountsAndAllAreKept() {
        Arguments arguments = parse(RUN, "--dir", "a", "--dir", "b", "x");

        assertThat(arguments.value(DIR)).contains("b");
        assertThat(arguments.values(DIR)).containsExactly("a", "b");
        assertThat(arguments.values(FUEL)).isEmpty();
    }

    @Test
    void aSingleDashIsNoOption() {
        assertThat(parse(MANY, "-").operands()).containsExactly("-");
    }

    @Test
    void aValueMayBeginWithADash() {
        assertThat(parse(RUN, "--fuel", "-1", "x").value(FUEL)).contains("-1");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertUsage(RUN, "skiff try has no option --feul; did you mean --fuel?", "--feul", "3", "x");
        assertUsage(RUN, "skiff try has no option -z; skiff try --help lists the options", "-z", "x");
        assertUsage(RUN, "--fuel needs a value: --fuel N", "--fuel");
        assertUsage(RUN, "--fuel needs a value: --fuel N", "--fuel", "--quiet", "x");
        assertUsage(RUN, "--quiet takes no value", "--quiet=1", "x");
        assertUsage(RUN, "skiff try needs a FILE; skiff try --help says more", "--fuel", "3");
        assertUsage(spec(Arity.ONE), "skiff try takes one FILE, but got b too", "a", "b");
        assertUsage(spec(Arity.OPTIONAL), "skiff try takes one FILE, but got b too", "a", "b");
        assertUsage(spec(), "skiff try takes no argument, but got a", "a");
    }

    @Test
    void ofTwoThatAreNeededTheOneThatIsMissingIsNamed() {
        assertThat(parse(copying(Arity.ONE), "a", "b").operands()).containsExactly("a", "b");
        assertUsage(copying(Arity.ONE), "skiff copy needs a SRC; skiff copy --help says more");
        assertUsage(copying(Arity.ONE), "skiff copy needs a DST; skiff copy --help says more", "a");
        assertUsage(copying(Arity.ONE), "skiff copy takes one SRC and one DST, but got c too", "a", "b", "c");
    }

    @Test
    void theSecondMayBeLeftOutWhereItIsOptional() {
        assertThat(parse(copying(Arity.OPTIONAL), "a").operands()).containsExactly("a");
        assertUsage(copying(Arity.OPTIONAL), "skiff copy takes one SRC and one DST, but got c too", "a", "b", "c");
        assertUsage(copying(Arity.ONE_OR_MORE), "skiff copy needs a DST; skiff copy --help says more", "a");
        assertThat(parse(copying(Arity.ONE_OR_MORE), "a", "b", "c").operands()).containsExactly("a", "b", "c");
    }

    @Test
    void helpNeedsNothingElse() {
        assertThat(parse(RUN, "-h").has(Option.HELP)).isTrue();
    }

    private static void assertUsage(CommandSpec spec, String message, String... args) {
        assertThatThrownBy(() -> parse(spec, args))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }
}
