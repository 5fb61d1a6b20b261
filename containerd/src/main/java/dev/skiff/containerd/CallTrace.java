package dev.skiff.containerd;

import java.util.Map;

/** A call that is traced, for who takes part in it. */
interface CallTrace {
    ScopedValue<CallTrace> CURRENT = ScopedValue.newInstance();

    /** Tells nobody. */
    CallTrace NONE = new CallTrace() {
        @Override
        public void attribute(String key, String value) {
            // Nobody wants to know.
        }

        @Override
        public void part(String name, long begin, long end, Map<String, String> attributes) {
            // Nobody wants to know.
        }
    };

    /** That of the call which this thread is busy with. */
    static CallTrace current() {
        return CURRENT.orElse(NONE);
    }

    /** Says something about the call; what is long is cut. */
    void attribute(String key, String value);

    /**
     * Tells of a part that is over.
     *
     * @param begin as the end, by {@link System#nanoTime}
     */
    void part(String name, long begin, long end, Map<String, String> attributes);
}
