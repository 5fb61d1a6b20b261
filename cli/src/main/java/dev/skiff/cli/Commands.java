package dev.skiff.cli;

import java.util.List;
import java.util.Optional;

/** The commands that there are. Only the one that is asked for is loaded. */
final class Commands {
    /** Their names and those of groups, in the order of the help. */
    static final List<String> NAMES = List.of(
            "run",
            "compile",
            "inspect",
            "registry",
            "images",
            "save",
            "load",
            "sign",
            "verify",
            "keygen",
            "containerd",
            "completion",
            "version",
            "help");

    private static final CommandGroup REGISTRY = new CommandGroup(
            "registry",
            "Pushes programs to registries, pulls them, logs in.",
            List.of("push", "pull", "copy", "login", "logout"));
    private static final CommandGroup IMAGES = new CommandGroup(
            "images", "Shows and removes the images of this machine.", List.of("ls", "inspect", "rm", "prune"));

    private static final CommandGroup CONTAINERD = new CommandGroup(
            "containerd",
            "Installs the runtime with which containerd runs Wasm programs.",
            List.of("install", "uninstall", "status", "runtimeclass", "daemon"));

    private Commands() {}

    /** The command of a name; that of a command in a group has two words. */
    static Optional<Command> find(String name) {
        return switch (name) {
            case "run" -> Optional.of(new RunCommand());
            case "compile" -> Optional.of(new CompileCommand());
            case "inspect" -> Optional.of(new InspectCommand());
            case "registry push" -> Optional.of(new RegistryPushCommand());
            case "registry pull" -> Optional.of(new RegistryPullCommand());
            case "registry copy" -> Optional.of(new RegistryCopyCommand());
            case "registry login" -> Optional.of(new RegistryLoginCommand());
            case "registry logout" -> Optional.of(new RegistryLogoutCommand());
            case "images ls" -> Optional.of(new ImagesLsCommand());
            case "images inspect" -> Optional.of(new ImagesInspectCommand());
            case "images rm" -> Optional.of(new ImagesRmCommand());
            case "images prune" -> Optional.of(new ImagesPruneCommand());
            case "save" -> Optional.of(new SaveCommand());
            case "load" -> Optional.of(new LoadCommand());
            case "sign" -> Optional.of(new SignCommand());
            case "verify" -> Optional.of(new VerifyCommand());
            case "keygen" -> Optional.of(new KeygenCommand());
            case "containerd install" -> Optional.of(new ContainerdInstallCommand());
            case "containerd uninstall" -> Optional.of(new ContainerdUninstallCommand());
            case "containerd status" -> Optional.of(new ContainerdStatusCommand());
            case "containerd runtimeclass" -> Optional.of(new ContainerdRuntimeClassCommand());
            case "containerd daemon" -> Optional.of(new ContainerdDaemonCommand());
            case "completion" -> Optional.of(new CompletionCommand());
            case "version", "--version", "-V" -> Optional.of(new VersionCommand());
            case "help" -> Optional.of(new HelpCommand());
            default -> Optional.empty();
        };
    }

    /** The group of a name. */
    static Optional<CommandGroup> group(String name) {
        return switch (name) {
            case "registry" -> Optional.of(REGISTRY);
            case "images" -> Optional.of(IMAGES);
            case "containerd" -> Optional.of(CONTAINERD);
            default -> Optional.empty();
        };
    }
}
