package dev.skiff.bench;

import java.util.List;

/** One of the figures: measures every peer and writes what it found. */
interface Measure {
    /** How it is chosen on the command line. */
    String name();

    /** Measures and returns the section of the report. */
    Section run(Session session);

    /**
     * A part of the report.
     *
     * @param title its heading
     * @param text Markdown below the heading
     * @param figures rows for the summary
     */
    record Section(String title, String text, List<Figure> figures) {
        public Section {
            figures = List.copyOf(figures);
        }
    }

    /**
     * A row of the summary.
     *
     * @param what what was measured
     * @param reach the figure to reach
     * @param aim the figure to aim for
     * @param measured what it is, or why there is none
     */
    record Figure(String what, String reach, String aim, String measured) {}
}
