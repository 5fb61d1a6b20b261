package dev.skiff.containerd;

import java.util.Map;
import java.util.function.Supplier;

/** Tells of calls how long they and their parts took. Thread-safe. */
interface Tracing {
    /** Tells nobody. */
    Tracing NONE = new Tracing() {
        @Override
        public <T> T trace(String name, Map<String, String> metadata, Supplier<T> call) {
            return call.get();
        }
    };

    /**
     * Does a call within a span; meanwhile, on this thread, it is {@link CallTrace#current}.
     *
     * @param metadata of the call, where it may say what it is part of (W3C Trace Context)
     */
    <T> T trace(String name, Map<String, String> metadata, Supplier<T> call);
}
