package dev.skiff.wasm.fuzz;

import java.util.Set;

/** An engine that runs scenarios. */
interface Runner {
    /** Its name. */
    String name();

    /** The features that it has. */
    Set<Trait> traits();

    /** Runs a scenario in a new instance. What no module may cause, such as a failure inside the engine, is thrown. */
    Outcome run(Scenario scenario);
}
