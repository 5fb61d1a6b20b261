package dev.skiff.cli;

import dev.skiff.cli.CommandSpec.OptionGroup;
import dev.skiff.host.ModuleSource;
import dev.skiff.host.NotFoundException;
import dev.skiff.host.NotRunnableException;
import dev.skiff.oci.ImageProgram;
import dev.skiff.oci.Lease;
import dev.skiff.oci.OciException;
import dev.skiff.oci.Platform;
import dev.skiff.oci.Reference;
import dev.skiff.oci.Registry;
import dev.skiff.oci.Store;
import dev.skiff.oci.StoredImage;
import dev.skiff.oci.TransferListener;
import dev.skiff.oci.TrustCheck;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the program that an argument names: a file of this machine, or an image. */
final class Programs {
    static final Option PULL = Option.choice(
            "--pull",
            "WHEN",
            "When an image is got from its registry: missing (the default: if it is not here), always or never.",
            "missing",
            "always",
            "never");

    /** The options of commands that take images. */
    static final OptionGroup IMAGES = new OptionGroup(
            "Images",
            List.of(
                    PULL,
                    RegistryArguments.PLATFORM,
                    RegistryArguments.POLICY,
                    RegistryArguments.STORE,
                    RegistryArguments.PLAIN_HTTP,
                    RegistryArguments.CA,
                    RegistryArguments.QUIET));

    private static final String SCHEME = "oci://";

    private Programs() {}

    /**
     * A program. While it is open, its image stays.
     *
     * @param source the module
     * @param image what the image says about how to run it; empty for a file
     * @param stored the image; empty for a file
     * @param lease keeps the image
     */
    record Program(
            ModuleSource source, Optional<ImageProgram> image, Optional<StoredImage> stored, Optional<Lease> lease)
            implements AutoCloseable {
        @Override
        public void close() {
            lease.ifPresent(Lease::close);
        }
    }

    /** Whether an argument names an image: with {@code oci://} for certain, and otherwise if it is no file and has a registry or tag. */
    static boolean isImage(String argument) {
        if (argument.startsWith(SCHEME)) {
            return true;
        }
        boolean looksLikeFile = argument.startsWith(".")
                || argument.startsWith("/")
                || argument.startsWith("~")
                || argument.endsWith(".wasm")
                || argument.endsWith(".wat");
        if (looksLikeFile || exists(argument)) {
            return false;
        }
        int slash = argument.indexOf('/');
        String first = slash < 0 ? "" : argument.substring(0, slash);
        boolean hasRegistry = first.contains(".") || first.contains(":") || first.equals("localhost");
        return hasRegistry || argument.indexOf(':') > 0 || argument.indexOf('@') > 0;
    }

    private static boolean exists(String argument) {
        try {
            return Files.exists(Path.of(argument));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Finds a program; gets its image where the options allow it.
     *
     * @throws dev.skiff.host.WorkloadException if there is none
     */
    static Program find(String argument, Arguments arguments, Console console) {
        String when = arguments.value(PULL).orElse("missing");
        if (!PULL.choices().contains(when)) {
            throw Values.wrong(PULL, when, "missing, always or never");
        }
        if (!isImage(argument)) {
            return new Program(Sources.of(argument, console), Optional.empty(), Optional.empty(), Optional.empty());
        }
        try {
            Reference reference = RegistryArguments.reference(argument).withDefaultTag();
            Store store = RegistryArguments.store(arguments, console);
            StoredImage image = trusted(image(reference, store, arguments, console), store, arguments, console);
            Lease lease = store.use(image);
            try {
                ImageProgram program = ImageProgram.of(store, image);
                return new Program(
                        new ModuleSource.OfImage(reference.familiar(), program),
                        Optional.of(program),
                        Optional.of(image),
                        Optional.of(lease));
            } catch (OciException e) {
                lease.close();
                throw e;
            }
        } catch (OciException e) {
            if (e.problem() == OciException.Problem.NOT_FOUND) {
                throw new NotFoundException(e.getMessage());
            }
            throw new NotRunnableException(e.getMessage(), e);
        }
    }

    /** An image that came here before the policy is checked now: by the signatures that are here, or else by its registry's. */
    private static StoredImage trusted(StoredImage image, Store store, Arguments arguments, Console console) {
        TrustCheck check = RegistryArguments.trust(arguments, console);
        if (check.covers(image)) {
            return image;
        }
        try (Registry registry = RegistryArguments.registry(arguments, console)) {
            return registry.check(image, store, check, TransferListener.NONE);
        }
    }

    private static StoredImage image(Reference reference, Store store, Arguments arguments, Console console) {
        String when = arguments.value(PULL).orElse("missing");
        Optional<Platform> platform = RegistryArguments.platform(arguments);
        Optional<StoredImage> here =
                when.equals("always") ? Optional.empty() : store.find(reference).filter(i -> store.suits(i, platform));
        if (here.isEmpty() && when.equals("never")) {
            throw new NotFoundException("it is not on this machine"
                    + platform.map(wanted -> " for " + wanted).orElse("")
                    + ", and --pull never forbids to get it");
        }
        return here.orElseGet(() -> RegistryPullCommand.pull(reference, store, arguments, console));
    }
}
