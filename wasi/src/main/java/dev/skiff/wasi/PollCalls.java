package dev.skiff.wasi;

import dev.skiff.wasm.Caller;
import dev.skiff.wasm.Memory;

/** The call that waits. */
final class PollCalls {
    /** More subscriptions than this are refused with EINVAL. */
    private static final int MOST = 4_096;

    private PollCalls() {}

    static int pollOneoff(int subscriptions, int events, int count, int result, Caller caller) {
        try {
            Wasi wasi = Guest.wasi(caller);
            if (count <= 0 || count > MOST) {
                return Errno.EINVAL.code();
            }
            Memory memory = caller.memory();
            Guest.check(memory, subscriptions, (long) count * Subscription.SIZE);
            Guest.check(memory, events, (long) count * Poll.EVENT_SIZE);
            Guest.check(memory, result, 4);
            Subscription[] wanted = new Subscription[count];
            for (int i = 0; i < count; i++) {
                wanted[i] = Subscription.read(memory, Guest.unsigned(subscriptions) + (long) i * Subscription.SIZE);
            }
            Poll poll = new Poll(wasi, wanted);
            poll.run();
            memory.putInt(Guest.unsigned(result), poll.writeEvents(memory, Guest.unsigned(events)));
            return 0;
        } catch (RuntimeException e) {
            return Guest.codeOf(e, caller);
        }
    }
}
