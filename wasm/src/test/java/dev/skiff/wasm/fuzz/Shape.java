package dev.skiff.wasm.fuzz;

import java.util.EnumSet;
import java.util.Set;

/**
 * How a random module looks.
 *
 * @param profile what it stresses
 * @param functions how many functions, besides the helpers
 * @param size instructions of the largest functions, roughly
 * @param depth how deeply blocks nest at most
 * @param locals locals of a function at most
 * @param stack operands that are left on the stack at most
 * @param arms targets of a br_table at most
 * @param params parameters or results of a function at most
 * @param risk probability that a site which may trap does not avoid it
 * @param traits features beyond those that every oracle has
 */
record Shape(
        Profile profile,
        int functions,
        int size,
        int depth,
        int locals,
        int stack,
        int arms,
        int params,
        double risk,
        Set<Trait> traits) {

    /** What a module stresses. */
    enum Profile {
        SMALL,
        MEDIUM,
        LARGE,
        HUGE,
        DEEP,
        SWITCH,
        LOCALS,
        TALL,
        WIDE
    }

    /** Decides the shape: mostly small modules, some that functions must be split for. */
    static Shape random(Rng rng, Set<Trait> allowed) {
        return of(Profile.values()[rng.weighted(40, 20, 8, 2, 5, 6, 5, 5, 5)], rng, allowed);
    }

    /** Decides the rest of the shape for a profile. */
    static Shape of(Profile profile, Rng rng, Set<Trait> allowed) {
        var traits = EnumSet.noneOf(Trait.class);
        for (var trait : Trait.values()) {
            if (rng.chance(0.6) && allowed.contains(trait)) {
                traits.add(trait);
            }
        }
        int small = rng.between(20, 300);
        double risk = rng.chance(0.3) ? 0.1 : 0.01;
        return switch (profile) {
            case SMALL -> new Shape(profile, rng.between(2, 6), small, 8, 12, 6, 8, 5, risk, traits);
            case MEDIUM ->
                new Shape(profile, rng.between(3, 12), rng.between(300, 1_500), 12, 30, 10, 20, 6, risk, traits);
            case LARGE -> new Shape(profile, 4, rng.between(1_500, 10_000), 15, 60, 12, 50, 6, risk / 20, traits);
            case HUGE -> new Shape(profile, 3, rng.between(10_000, 100_000), 12, 100, 12, 60, 6, risk / 200, traits);
            case DEEP ->
                new Shape(profile, 3, rng.between(1_000, 8_000), rng.between(50, 500), 20, 8, 60, 5, risk / 20, traits);
            case SWITCH ->
                new Shape(
                        profile, 3, rng.between(2_000, 12_000), 12, 30, 6, rng.between(50, 600), 5, risk / 20, traits);
            case LOCALS ->
                new Shape(
                        profile,
                        3,
                        rng.between(1_000, 6_000),
                        10,
                        rng.between(200, 3_000),
                        8,
                        20,
                        5,
                        risk / 20,
                        traits);
            case TALL ->
                new Shape(profile, 3, rng.between(500, 6_000), 12, 30, rng.between(50, 400), 20, 12, risk / 20, traits);
            case WIDE ->
                new Shape(profile, 5, rng.between(100, 1_500), 8, 20, 40, 10, rng.between(60, 300), risk / 5, traits);
        };
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }
}
