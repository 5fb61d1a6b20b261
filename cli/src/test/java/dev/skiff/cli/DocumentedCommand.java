package dev.skiff.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of shell commands in a Markdown page that the tests run: a fenced {@code sh} block right after a line
 * {@code <!-- test -->}, or {@code <!-- test exit=134 -->} where the last command has to end with that status. A fenced
 * {@code text} block right after it is what the commands print, on standard output and error together.
 *
 * @param line where the block begins in the page, from 1
 * @param script the commands
 * @param exitStatus what they have to end with
 * @param output what they have to print, if the page says so
 */
record DocumentedCommand(int line, String script, int exitStatus, Optional<ExpectedOutput> output) {
    private static final Pattern MARK = Pattern.compile("<!-- test(?: exit=(\\d+))? -->");

    /** The commands of a page, in order; a mark without a block is an error. */
    static List<DocumentedCommand> in(List<String> page) {
        List<DocumentedCommand> commands = new ArrayList<>();
        for (int line = 0; line < page.size(); line++) {
            Matcher mark = MARK.matcher(page.get(line).strip());
            if (mark.matches()) {
                int exitStatus = mark.group(1) == null ? 0 : Integer.parseInt(mark.group(1));
                int at = line + 1;
                Block script = Block.at(page, at, "sh")
                        .orElseThrow(() -> new IllegalArgumentException("no ```sh block after the mark in line " + at));
                Optional<ExpectedOutput> output =
                        Block.at(page, script.end, "text").map(block -> new ExpectedOutput(block.lines));
                commands.add(new DocumentedCommand(script.begin, String.join("\n", script.lines), exitStatus, output));
            }
        }
        return commands;
    }

    /** A fenced block: the line after its opening fence, from 1, the line after its closing fence, from 0, and what is between. */
    private record Block(int begin, int end, List<String> lines) {
        /** The block of a language that begins at a line, from 0, or after empty ones. */
        static Optional<Block> at(List<String> page, int line, String language) {
            int open = line;
            while (open < page.size() && page.get(open).isBlank()) {
                open++;
            }
            if (open == page.size() || !page.get(open).equals("```" + language)) {
                return Optional.empty();
            }
            int close = open + 1;
            while (close < page.size() && !page.get(close).equals("```")) {
                close++;
            }
            return Optional.of(new Block(open + 1, close + 1, page.subList(open + 1, close)));
        }
    }
}
