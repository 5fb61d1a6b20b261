package dev.skiff.cli;

import dev.skiff.wasm.ExportType;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.Module;

/** How a module is meant to be used, told from its exports as WASI 0.1 has it. */
enum ModuleKind {
    COMMAND("command: runs from _start to its end"),
    REACTOR("reactor: _initialize prepares it, then its exports can be called"),
    LIBRARY("library: its exports can be called");

    private final String text;

    ModuleKind(String text) {
        this.text = text;
    }

    /** Name and meaning for people. */
    String text() {
        return text;
    }

    static ModuleKind of(Module module) {
        if (exportsFunction(module, "_start")) {
            return COMMAND;
        }
        return exportsFunction(module, "_initialize") ? REACTOR : LIBRARY;
    }

    private static boolean exportsFunction(Module module, String name) {
        for (ExportType export : module.exports()) {
            if (export.name().equals(name) && export.type() instanceof FuncType) {
                return true;
            }
        }
        return false;
    }
}
