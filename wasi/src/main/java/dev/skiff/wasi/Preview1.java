package dev.skiff.wasi;

import dev.skiff.wasm.Caller;
import dev.skiff.wasm.FuncType;
import dev.skiff.wasm.ImportType;
import dev.skiff.wasm.Linker;
import dev.skiff.wasm.Module;
import dev.skiff.wasm.NumType;
import dev.skiff.wasm.ValType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions of {@code wasi_snapshot_preview1}, WASI 0.1. They serve any store that has a {@link Wasi}, and read and
 * write the memory that the calling instance exports as {@code memory}.
 *
 * <p>None of them throws, whatever the guest passes: failures are error codes. The exceptions are {@code proc_exit},
 * which throws {@link WasiExit}; {@code proc_raise} with a signal that the guest does not know, {@link WasiSignalled};
 * the {@link dev.skiff.wasm.Trap} of a guest that was interrupted, or whose time was up, while it waited; what a handler
 * of {@link GuestSignals} throws; and a module without such a memory, which is a {@link dev.skiff.wasm.LinkException}.
 *
 * <p>Where there was a choice: signals have the numbers of Linux; {@code path_link} does not follow symbolic links
 * (EINVAL); symbolic links to absolute paths cannot be made (ENOTCAPABLE); what would change a read-only directory
 * answers EROFS; a call moves at most 16 MiB, in the first 1,024 buffers of its list; a poll takes 4,096 subscriptions.
 * Paths are bytes in any encoding.
 */
public final class Preview1 {
    /** The name that modules import the functions from. */
    public static final String MODULE = "wasi_snapshot_preview1";

    private static final List<Function> FUNCTIONS = List.of(
            new Function("args_get", "argsGet", "ii", ProcessCalls.class),
            new Function("args_sizes_get", "argsSizesGet", "ii", ProcessCalls.class),
            new Function("environ_get", "environGet", "ii", ProcessCalls.class),
            new Function("environ_sizes_get", "environSizesGet", "ii", ProcessCalls.class),
            new Function("clock_res_get", "clockResGet", "ii", ProcessCalls.class),
            new Function("clock_time_get", "clockTimeGet", "iIi", ProcessCalls.class),
            new Function("random_get", "randomGet", "ii", ProcessCalls.class),
            new Function("proc_exit", "procExit", "i", ProcessCalls.class),
            new Function("proc_raise", "procRaise", "i", ProcessCalls.class),
            new Function("sched_yield", "schedYield", "", ProcessCalls.class),
            new Function("fd_read", "fdRead", "iiii", FdCalls.class),
            new Function("fd_write", "fdWrite", "iiii", FdCalls.class),
            new Function("fd_pread", "fdPread", "iiiIi", FdCalls.class),
            new Function("fd_pwrite", "fdPwrite", "iiiIi", FdCalls.class),
            new Function("fd_seek", "fdSeek", "iIii", FdCalls.class),
            new Function("fd_tell", "fdTell", "ii", FdCalls.class),
            new Function("fd_readdir", "fdReaddir", "iiiIi", FdCalls.class),
            new Function("fd_close", "fdClose", "i", FdCalls.class),
            new Function("fd_renumber", "fdRenumber", "ii", FdCalls.class),
            new Function("fd_advise", "fdAdvise", "iIIi", FdStateCalls.class),
            new Function("fd_allocate", "fdAllocate", "iII", FdStateCalls.class),
            new Function("fd_datasync", "fdDatasync", "i", FdStateCalls.class),
            new Function("fd_sync", "fdSync", "i", FdStateCalls.class),
            new Function("fd_fdstat_get", "fdFdstatGet", "ii", FdStateCalls.class),
            new Function("fd_fdstat_set_flags", "fdFdstatSetFlags", "ii", FdStateCalls.class),
            new Function("fd_fdstat_set_rights", "fdFdstatSetRights", "iII", FdStateCalls.class),
            new Function("fd_filestat_get", "fdFilestatGet", "ii", FdStateCalls.class),
            new Function("fd_filestat_set_size", "fdFilestatSetSize", "iI", FdStateCalls.class),
            new Function("fd_filestat_set_times", "fdFilestatSetTimes", "iIIi", FdStateCalls.class),
            new Function("fd_prestat_get", "fdPrestatGet", "ii", FdStateCalls.class),
            new Function("fd_prestat_dir_name", "fdPrestatDirName", "iii", FdStateCalls.class),
            new Function("path_open", "pathOpen", "iiiiiIIii", PathCalls.class),
            new Function("path_filestat_get", "pathFilestatGet", "iiiii", PathCalls.class),
            new Function("path_filestat_set_times", "pathFilestatSetTimes", "iiiiIIi", PathCalls.class),
            new Function("path_create_directory", "pathCreateDirectory", "iii", PathCalls.class),
            new Function("path_remove_directory", "pathRemoveDirectory", "iii", PathCalls.class),
            new Function("path_unlink_file", "pathUnlinkFile", "iii", PathCalls.class),
            new Function("path_readlink", "pathReadlink", "iiiiii", PathCalls.class),
            new Function("path_symlink", "pathSymlink", "iiiii", PathCalls.class),
            new Function("path_link", "pathLink", "iiiiiii", PathCalls.class),
            new Function("path_rename", "pathRename", "iiiiii", PathCalls.class),
            new Function("poll_oneoff", "pollOneoff", "iiii", PollCalls.class),
            new Function("sock_accept", "sockAccept", "iii", SocketCalls.class),
            new Function("sock_recv", "sockRecv", "iiiiii", SocketCalls.class),
            new Function("sock_send", "sockSend", "iiiii", SocketCalls.class),
            new Function("sock_shutdown", "sockShutdown", "ii", SocketCalls.class));

    private Preview1() {}

    /** Offers all functions; for a linker that serves many modules. */
    public static Linker addTo(Linker linker) {
        for (Function function : FUNCTIONS) {
            function.addTo(linker);
        }
        return linker;
    }

    /** Offers those functions that a module imports; starts faster where there is only one module. */
    public static Linker addTo(Linker linker, Module module) {
        for (ImportType wanted : module.imports()) {
            if (!wanted.module().equals(MODULE) || linker.offers(MODULE, wanted.name())) {
                continue;
            }
            for (Function function : FUNCTIONS) {
                if (function.name.equals(wanted.name())) {
                    function.addTo(linker);
                }
            }
        }
        return linker;
    }

    /** The names of all functions, with their types. */
    public static Map<String, FuncType> types() {
        Map<String, FuncType> types = new LinkedHashMap<>();
        for (Function function : FUNCTIONS) {
            types.put(function.name, function.type());
        }
        return types;
    }

    /**
     * A function.
     *
     * @param name as modules import it
     * @param method the static method of ours
     * @param params its parameters, {@code i} for i32 and {@code I} for i64
     * @param holder the class that has the method
     */
    private record Function(String name, String method, String params, Class<?> holder) {
        private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

        void addTo(Linker linker) {
            linker.func(MODULE, name, type(), target());
        }

        /** All answer an error code, except the one that does not return. */
        private boolean returns() {
            return !name.equals("proc_exit");
        }

        private FuncType type() {
            List<ValType> types = new ArrayList<>();
            for (char c : params.toCharArray()) {
                types.add(c == 'i' ? NumType.I32 : NumType.I64);
            }
            return new FuncType(types, returns() ? List.of(NumType.I32) : List.of());
        }

        private MethodHandle target() {
            List<Class<?>> types = new ArrayList<>();
            for (char c : params.toCharArray()) {
                types.add(c == 'i' ? int.class : long.class);
            }
            types.add(Caller.class);
            try {
                // A handle to a method of a class that is not initialized yet takes longer to make.
                LOOKUP.ensureInitialized(holder);
                return LOOKUP.findStatic(
                        holder, method, MethodType.methodType(returns() ? int.class : void.class, types));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError("no method for " + name, e);
            }
        }
    }
}
