package dev.skiff.containerd;

import com.google.gson.JsonObject;
import dev.skiff.containerd.RpcException.Code;
import dev.skiff.host.NotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The program of the isolated runtime. Its {@code runc} starts it to prepare what the real one is then asked for; and it is what runs in the
 * containers. Arguments:
 *
 * <pre>
 * create LOG BUNDLE ROOT JAVA...            makes a bundle that of a JVM; in a mount namespace that is the container's to be
 * exec   LOG BUNDLE ROOT JAVA... PROCESS    makes a process of such a bundle, described in a file, a JVM
 * update LOG                                changes limits: from standard input, to standard output
 * run                                       runs the program, within the container
 * </pre>
 */
public final class Isolation {
    /** The status when the reason of a failure is in the log, where containerd's runtime for runc looks for it. */
    private static final int SAID = 3;

    private static final String FOLDER = "skiff";
    private static final int MAX_UPDATE = 1 << 20;

    private Isolation() {}

    /**
     * Does what the arguments say.
     *
     * @return the status with which this process should end, at once
     */
    public static int run(List<String> arguments) {
        if (arguments.getFirst().equals("run")) {
            return IsolatedProcess.run();
        }
        Path log = Path.of(arguments.get(1));
        try {
            switch (arguments.getFirst()) {
                case "create" -> create(Path.of(arguments.get(2)), bundle(arguments.subList(3, arguments.size())));
                case "exec" ->
                    exec(
                            Path.of(arguments.get(2)),
                            bundle(arguments.subList(3, arguments.size() - 1)),
                            Path.of(arguments.getLast()));
                case "update" -> update(System.in, System.out);
                default -> throw new IllegalArgumentException("there is no action " + arguments.getFirst());
            }
            return 0;
        } catch (RpcException | IllegalArgumentException | IOException e) {
            say(log, e.getMessage());
            return SAID;
        }
    }

    private static IsolatedBundle bundle(List<String> words) {
        return new IsolatedBundle(Path.of(words.getFirst()), new JavaCommand(words.subList(1, words.size())));
    }

    /** Mounts the container's volumes among its files, which are mounted already, and changes its configuration. */
    static void create(Path bundle, IsolatedBundle maker) throws IOException {
        Path file = bundle.resolve("config.json");
        Spec spec = Spec.read(bundle);
        ProgramFile program = new ProgramFile(spec.root(), spec.process());
        if (!program.isWasm()) {
            return;
        }
        Settings settings = Settings.of(spec.annotations());
        settings.listeners();
        settings.applyTo(spec.resources().initial());
        Volumes.mount(spec.root(), spec.mounts());
        fetch(bundle, program);
        Path folder = Files.createDirectories(bundle.resolve(FOLDER));
        JsonObject config = read(file);
        JsonObject seen = config.deepCopy();
        JsonObject root = Json.object(seen, "root");
        root.addProperty("path", IsolatedBundle.FILES.substring(1));
        // The kernel knows better which volumes can be changed all the same.
        root.addProperty("readonly", false);
        seen.add("root", root);
        Path other = folder.resolve("config.json");
        write(other, seen, "r--r--r--");
        write(file, maker.container(config, spec, other), "rw-------");
    }

    /** Puts the module of an image that is nothing else among the container's files, which are on a disk, if the program is not there. */
    private static void fetch(Path bundle, ProgramFile program) throws IOException {
        try {
            program.check();
        } catch (NotFoundException e) {
            WasmImage image = image(bundle)
                    .orElseThrow(() -> new RpcException(
                            Code.NOT_FOUND, "cannot run " + program.process().program() + ": " + e.getMessage(), e));
            Path module = program.root().resolve(IsolatedBundle.MODULE);
            Files.write(module, image.read(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            Files.setPosixFilePermissions(module, PosixFilePermissions.fromString("r--r--r--"));
        }
    }

    private static Optional<WasmImage> image(Path bundle) {
        String address = System.getenv().getOrDefault("TTRPC_ADDRESS", "");
        if (address.isEmpty()) {
            return Optional.empty();
        }
        String namespace = bundle.getParent().getFileName().toString();
        ImageStore images = new ImageStore(Daemon.grpc(Path.of(address)));
        return images.find(
                namespace, images.imageOf(namespace, bundle.getFileName().toString()));
    }

    private static void exec(Path bundle, IsolatedBundle maker, Path file) throws IOException {
        Spec spec = Spec.read(bundle.resolve(FOLDER));
        write(file, maker.process(read(file), spec.resources()), "rw-------");
    }

    private static void update(InputStream in, PrintStream out) throws IOException {
        byte[] text = in.readNBytes(MAX_UPDATE);
        out.print(IsolatedBundle.resources(parse(text)));
        out.flush();
    }

    private static JsonObject read(Path file) throws IOException {
        return parse(Files.readAllBytes(file));
    }

    private static JsonObject parse(byte[] document) {
        try {
            return Json.read(document, json -> json);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("what containerd says cannot be read: " + e.getMessage(), e);
        }
    }

    private static void write(Path file, JsonObject content, String permissions) throws IOException {
        WholeFile.write(file, content.toString().getBytes(StandardCharsets.UTF_8), permissions);
    }

    /** As runc does. */
    private static void say(Path log, String message) {
        JsonObject line = new JsonObject();
        line.addProperty("level", "error");
        line.addProperty("msg", "skiff: " + message);
        line.addProperty("time", Instant.now().toString());
        try {
            Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            System.err.println("skiff: " + message);
        }
    }
}
