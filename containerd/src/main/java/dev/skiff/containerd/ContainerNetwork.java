package dev.skiff.containerd;

import dev.skiff.host.Network;
import dev.skiff.host.NotRunnableException;
import dev.skiff.linux.Descriptors;
import dev.skiff.linux.LinuxException;
import dev.skiff.linux.Namespaces;
import dev.skiff.linux.OpenFlags;
import dev.skiff.linux.Paths;
import java.nio.file.Path;

/** The network of a container (OCI runtime specification, the namespace {@code network}). */
sealed interface ContainerNetwork extends Network {
    /** That of this process, which for a daemon is the machine's. */
    record OfHost() implements ContainerNetwork {
        @Override
        public void run(Runnable opening) {
            opening.run();
        }
    }

    /** One of its own that nobody has made, with nothing in it. */
    record Nothing() implements ContainerNetwork {
        @Override
        public void run(Runnable opening) {
            throw new NotRunnableException("it cannot listen, as its container has no network");
        }
    }

    /** That of a file such as {@code /var/run/netns/cni-1}. */
    record Named(Path path) implements ContainerNetwork {
        /**
         * On a thread that is gone afterwards, so that nothing else is ever run there by accident. Sockets stay where they were
         * opened.
         */
        @Override
        public void run(Runnable opening) {
            OwnThread.run("sockets", () -> {
                enter();
                opening.run();
            });
        }

        private void enter() {
            try {
                int fd = Paths.OWN.open(path.toString(), OpenFlags.READ_ONLY | OpenFlags.CLOSE_ON_EXEC, 0);
                try {
                    Namespaces.enter(fd, Namespaces.NETWORK);
                } finally {
                    Descriptors.close(fd);
                }
            } catch (LinuxException e) {
                throw new NotRunnableException(
                        "its container's network " + path + " cannot be entered: "
                                + e.errno().text(),
                        e);
            }
        }
    }
}
