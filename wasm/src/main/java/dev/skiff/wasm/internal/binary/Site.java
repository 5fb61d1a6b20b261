package dev.skiff.wasm.internal.binary;

import dev.skiff.wasm.Feature;
import dev.skiff.wasm.InvalidModuleException;
import dev.skiff.wasm.MalformedModuleException;
import dev.skiff.wasm.UnsupportedFeatureException;
import java.util.Map;

/** Where in a module the reading is: the words that an error's sentence needs. Used by one thread. */
final class Site {
    private final Map<Integer, String> functionNames;
    private String section = "";
    private int function = -1;

    /**
     * Starts outside of any section.
     *
     * @param functionNames names of functions by index, as far as they are known
     */
    Site(Map<Integer, String> functionNames) {
        this.functionNames = functionNames;
    }

    /** Enters a section; empty text for none. */
    void section(String name) {
        section = name;
        function = -1;
    }

    /** Enters the body of a function, given by its index among all functions; -1 for none. */
    void function(int index) {
        function = index;
    }

    /** The error for bytes that break the rule. */
    MalformedModuleException malformed(int offset, String rule) {
        return new MalformedModuleException("the module is malformed" + at(offset) + ": " + rule, offset);
    }

    /** The error for something well-formed that breaks the rule. */
    InvalidModuleException invalid(int offset, String rule) {
        return new InvalidModuleException("the module is invalid" + at(offset) + ": " + rule, offset);
    }

    /** The error for something that needs a feature the engine lacks. */
    UnsupportedFeatureException unsupported(int offset, Feature feature, String what) {
        String where = inside();
        return new UnsupportedFeatureException(feature, where.isEmpty() ? what : what + " in the" + where, offset);
    }

    private String at(int offset) {
        String where = inside();
        return " at offset 0x" + Integer.toHexString(offset) + (where.isEmpty() ? "" : " in the" + where);
    }

    private String inside() {
        if (section.isEmpty()) {
            return "";
        }
        if (function < 0) {
            return " " + section + " section";
        }
        String name = functionNames.get(function);
        return " " + section + " section, function " + function + (name == null ? "" : " \"" + printable(name) + "\"");
    }

    /** A name of the guest's making, cut and cleaned so that it cannot garble a terminal or a log. */
    static String printable(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length() && text.length() < 200; i++) {
            char c = name.charAt(i);
            text.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '\uFFFD' : c);
        }
        return name.length() > 200 ? text + "..." : text.toString();
    }
}
