// The driver for wasmtime, over its C API. The shared library comes from the PyPI wheel, which carries no headers, so the
// few declarations that are needed stand here (wasmtime 50). See README.md for the commands.
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

// --- the part of the C API that is used ---------------------------------------------------------------------------

typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_valtype_t wasm_valtype_t;
typedef struct wasmtime_error_t wasmtime_error_t;
typedef struct wasmtime_module_t wasmtime_module_t;
typedef struct wasmtime_store_t wasmtime_store_t;
typedef struct wasmtime_context_t wasmtime_context_t;
typedef struct wasmtime_linker_t wasmtime_linker_t;
typedef struct wasmtime_instance_pre_t wasmtime_instance_pre_t;
typedef struct wasmtime_caller_t wasmtime_caller_t;
typedef struct wasmtime_pooling_allocation_config_t wasmtime_pooling_allocation_config_t;
typedef struct wasi_config_t wasi_config_t;

typedef struct { size_t size; char *data; } wasm_byte_vec_t;
typedef struct { size_t size; wasm_valtype_t **data; } wasm_valtype_vec_t;
typedef struct { uint64_t store; size_t private; } wasmtime_instance_t;
typedef struct { uint64_t store; void *private; } wasmtime_func_t;
typedef struct { struct { uint64_t store; uint32_t private1; }; uint32_t private2; } wasmtime_memory_t;
typedef struct {
    uint8_t kind;
    union { wasmtime_func_t func; wasmtime_memory_t memory; uint64_t room[4]; } of;
} wasmtime_extern_t;
typedef union { int32_t i32; int64_t i64; double f64; uint8_t v128[16]; } wasmtime_val_raw_t;

enum { WASM_I32 = 0 };

wasm_config_t *wasm_config_new(void);
wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *);
void wasmtime_config_memory_reservation_set(wasm_config_t *, uint64_t);
void wasmtime_config_memory_guard_size_set(wasm_config_t *, uint64_t);
void wasmtime_config_epoch_interruption_set(wasm_config_t *, bool);
wasmtime_pooling_allocation_config_t *wasmtime_pooling_allocation_config_new(void);
void wasmtime_pooling_allocation_config_total_memories_set(wasmtime_pooling_allocation_config_t *, uint32_t);
void wasmtime_pooling_allocation_config_max_memory_size_set(wasmtime_pooling_allocation_config_t *, size_t);
void wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(wasmtime_pooling_allocation_config_t *, size_t);
void wasmtime_pooling_allocation_strategy_set(wasm_config_t *, const wasmtime_pooling_allocation_config_t *);
wasmtime_error_t *wasmtime_module_new(wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **);
wasmtime_error_t *wasmtime_module_serialize(wasmtime_module_t *, wasm_byte_vec_t *);
wasmtime_error_t *wasmtime_module_deserialize_file(wasm_engine_t *, const char *, wasmtime_module_t **);
wasmtime_store_t *wasmtime_store_new(wasm_engine_t *, void *, void (*)(void *));
wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *);
void wasmtime_store_delete(wasmtime_store_t *);
void wasmtime_context_set_epoch_deadline(wasmtime_context_t *, uint64_t);
wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *);
wasmtime_error_t *wasmtime_linker_define_wasi(wasmtime_linker_t *);
wasmtime_error_t *wasmtime_linker_define_func_unchecked(
    wasmtime_linker_t *, const char *, size_t, const char *, size_t, const wasm_functype_t *,
    wasm_trap_t *(*)(void *, wasmtime_caller_t *, wasmtime_val_raw_t *, size_t), void *, void (*)(void *));
wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_default_values(
    wasmtime_linker_t *, wasmtime_context_t *, wasmtime_module_t *);
wasmtime_error_t *wasmtime_linker_instantiate_pre(wasmtime_linker_t *, const wasmtime_module_t *, wasmtime_instance_pre_t **);
wasmtime_error_t *wasmtime_linker_instantiate(
    wasmtime_linker_t *, wasmtime_context_t *, const wasmtime_module_t *, wasmtime_instance_t *, wasm_trap_t **);
wasmtime_error_t *wasmtime_instance_pre_instantiate(
    const wasmtime_instance_pre_t *, wasmtime_context_t *, wasmtime_instance_t *, wasm_trap_t **);
bool wasmtime_instance_export_get(wasmtime_context_t *, const wasmtime_instance_t *, const char *, size_t, wasmtime_extern_t *);
wasmtime_error_t *wasmtime_func_call_unchecked(
    wasmtime_context_t *, const wasmtime_func_t *, wasmtime_val_raw_t *, size_t, wasm_trap_t **);
uint8_t *wasmtime_memory_data(const wasmtime_context_t *, const wasmtime_memory_t *);
wasmtime_error_t *wasmtime_context_set_wasi(wasmtime_context_t *, wasi_config_t *);
bool wasmtime_error_exit_status(const wasmtime_error_t *, int *);
void wasmtime_error_message(const wasmtime_error_t *, wasm_byte_vec_t *);
void wasmtime_error_delete(wasmtime_error_t *);
wasi_config_t *wasi_config_new(void);
bool wasi_config_set_argv(wasi_config_t *, size_t, const char **);
bool wasi_config_set_stdout_file(wasi_config_t *, const char *);
wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *, wasm_valtype_vec_t *);
wasm_valtype_t *wasm_valtype_new(uint8_t);
void wasm_valtype_vec_new(wasm_valtype_vec_t *, size_t, wasm_valtype_t *const[]);

// --- helpers ------------------------------------------------------------------------------------------------------

static void fail(const char *what) {
    fprintf(stderr, "wasmtime driver: %s\n", what);
    exit(1);
}

static void check(wasmtime_error_t *error) {
    if (!error) return;
    wasm_byte_vec_t message;
    wasmtime_error_message(error, &message);
    fprintf(stderr, "wasmtime driver: %.*s\n", (int) message.size, message.data);
    exit(1);
}

static int64_t nanos(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t wall(void) { return nanos(CLOCK_MONOTONIC); }
static int64_t cpu(void) { return nanos(CLOCK_THREAD_CPUTIME_ID); }

static wasm_byte_vec_t read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    struct stat about;
    if (!file || fstat(fileno(file), &about) != 0) fail("cannot read the file");
    wasm_byte_vec_t bytes = { (size_t) about.st_size, malloc((size_t) about.st_size + 1) };
    if (fread(bytes.data, 1, bytes.size, file) != bytes.size) fail("short read");
    bytes.data[bytes.size] = 0;
    fclose(file);
    return bytes;
}

static bool stop_checks;
static wasm_engine_t *engine;
static wasmtime_linker_t *linker;
static wasmtime_module_t *module;
static wasmtime_context_t *context;
static wasmtime_instance_t instance;

static void open_engine(wasm_config_t *config) {
    // wasmtime's own default is to compile no stop checks; with this variable set it does, as Skiff always does.
    stop_checks = getenv("STOP_CHECKS") != NULL;
    wasmtime_config_epoch_interruption_set(config, stop_checks);
    engine = wasm_engine_new_with_config(config);
    linker = wasmtime_linker_new(engine);
}

static void compile(const char *path) {
    wasm_byte_vec_t bytes = read_file(path);
    check(wasmtime_module_new(engine, (uint8_t *) bytes.data, bytes.size, &module));
    free(bytes.data);
}

static wasmtime_store_t *open_store(void) {
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    context = wasmtime_store_context(store);
    if (stop_checks) wasmtime_context_set_epoch_deadline(context, UINT64_C(1) << 60);
    return store;
}

static wasmtime_extern_t export(const char *name) {
    wasmtime_extern_t found;
    if (!wasmtime_instance_export_get(context, &instance, name, strlen(name), &found)) fail(name);
    return found;
}

// Calls a function; slots holds the arguments and then the result.
static void call(const wasmtime_func_t *function, wasmtime_val_raw_t *slots, size_t count) {
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call_unchecked(context, function, slots, count, &trap);
    int status;
    if (error && wasmtime_error_exit_status(error, &status)) {
        wasmtime_error_delete(error);
        return;
    }
    check(error);
    if (trap) fail("the guest trapped");
}

static int32_t call_i32(const char *name, int32_t a, int32_t b, int32_t c, int32_t d) {
    wasmtime_extern_t function = export(name);
    wasmtime_val_raw_t slots[4] = { { .i32 = a }, { .i32 = b }, { .i32 = c }, { .i32 = d } };
    call(&function.of.func, slots, 4);
    return slots[0].i32;
}

static void set_wasi(const char *output, int argc, const char **argv) {
    wasi_config_t *wasi = wasi_config_new();
    wasi_config_set_argv(wasi, (size_t) argc, argv);
    if (!wasi_config_set_stdout_file(wasi, output)) fail("cannot open the output file");
    check(wasmtime_context_set_wasi(context, wasi));
}

static void run_start(const wasmtime_instance_pre_t *ready) {
    wasm_trap_t *trap = NULL;
    check(wasmtime_instance_pre_instantiate(ready, context, &instance, &trap));
    if (trap) fail("the start function trapped");
    wasmtime_extern_t start = export("_start");
    wasmtime_val_raw_t none[1];
    call(&start.of.func, none, 0);
}

static wasmtime_instance_pre_t *prepare(void) {
    check(wasmtime_linker_define_wasi(linker));
    wasmtime_instance_pre_t *ready;
    check(wasmtime_linker_instantiate_pre(linker, module, &ready));
    return ready;
}

// --- commands -----------------------------------------------------------------------------------------------------

static wasm_trap_t *tick(void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *slots, size_t count) {
    (void) env, (void) caller, (void) count;
    slots[0].i32++;
    return NULL;
}

static void define_tick(void) {
    wasm_valtype_vec_t params, results;
    wasm_valtype_t *i32 = wasm_valtype_new(WASM_I32);
    wasm_valtype_vec_new(&params, 1, &i32);
    i32 = wasm_valtype_new(WASM_I32);
    wasm_valtype_vec_new(&results, 1, &i32);
    check(wasmtime_linker_define_func_unchecked(linker, "env", 3, "tick", 4, wasm_functype_new(&params, &results), tick, NULL, NULL));
}

static int kernel(char **args, bool with_tick) {
    open_engine(wasm_config_new());
    if (with_tick) define_tick();
    compile(args[0]);
    open_store();
    wasm_trap_t *trap = NULL;
    check(wasmtime_linker_instantiate(linker, context, module, &instance, &trap));
    wasmtime_extern_t run = export("run");
    int32_t n = atoi(args[1]);
    int64_t end = wall() + atoll(args[2]) * 1000000, checksum = 0;
    for (int i = 0; i < 2 || wall() < end; i++) {
        wasmtime_val_raw_t slot = { .i32 = n };
        call(&run.of.func, &slot, 1);
        checksum = slot.i64;
    }
    printf("checksum %" PRId64 "\n", checksum);
    for (int i = atoi(args[3]); i > 0; i--) {
        wasmtime_val_raw_t slot = { .i32 = n };
        int64_t begin = cpu();
        call(&run.of.func, &slot, 1);
        printf("nanos %" PRId64 "\n", cpu() - begin);
    }
    return 0;
}

static double evaluate(const wasm_byte_vec_t *script) {
    int32_t at = call_i32("wasm_malloc", (int32_t) script->size + 1, 0, 0, 0);
    wasmtime_extern_t memory = export("memory");
    memcpy(wasmtime_memory_data(context, &memory.of.memory) + (uint32_t) at, script->data, script->size + 1);
    int32_t value = call_i32("qjs_eval", at, (int32_t) script->size, at + (int32_t) script->size, 0);
    wasmtime_extern_t number = export("qjs_get_float64");
    wasmtime_val_raw_t slot = { .i32 = value };
    call(&number.of.func, &slot, 1);
    call_i32("qjs_free_value", value, 0, 0, 0);
    call_i32("wasm_free", at, 0, 0, 0);
    return slot.f64;
}

static int quickjs(char **args) {
    open_engine(wasm_config_new());
    compile(args[0]);
    wasm_byte_vec_t script = read_file(args[1]);
    open_store();
    const char *name = "quickjs";
    set_wasi("/dev/null", 1, &name);
    check(wasmtime_linker_define_wasi(linker));
    check(wasmtime_linker_define_unknown_imports_as_default_values(linker, context, module));
    wasm_trap_t *trap = NULL;
    check(wasmtime_linker_instantiate(linker, context, module, &instance, &trap));
    call_i32("_initialize", 0, 0, 0, 0);
    call_i32("qjs_init", 0, 0, 0, 0);
    int64_t end = wall() + atoll(args[2]) * 1000000;
    double result = 0;
    for (int i = 0; i < 2 || wall() < end; i++) result = evaluate(&script);
    printf("result %.0f\n", result);
    for (int i = atoi(args[3]); i > 0; i--) {
        int64_t begin = cpu();
        evaluate(&script);
        printf("nanos %" PRId64 "\n", cpu() - begin);
    }
    return 0;
}

static int program(char **args, int count) {
    int rounds = atoi(args[2]);
    char **argv = args + 2;  // its place 0 becomes the program's name
    argv[0] = args[0];
    int64_t begin = wall();
    open_engine(wasm_config_new());
    compile(args[0]);
    wasmtime_instance_pre_t *ready = prepare();
    for (int i = 0; i <= rounds; i++) {
        int64_t round = cpu();
        wasmtime_store_t *store = open_store();
        set_wasi(args[1], count - 2, (const char **) argv);
        run_start(ready);
        wasmtime_store_delete(store);
        if (i == 0) printf("first %" PRId64 "\n", wall() - begin);
        else printf("nanos %" PRId64 "\n", cpu() - round);
    }
    return 0;
}

static int start(char **args) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_pooling_allocation_config_t *pool = wasmtime_pooling_allocation_config_new();
    wasmtime_pooling_allocation_config_total_memories_set(pool, 10);
    wasmtime_pooling_allocation_strategy_set(config, pool);
    open_engine(config);
    compile(args[0]);
    wasmtime_instance_pre_t *ready = prepare();
    const char *name = "hello";
    int rounds = atoi(args[2]);
    int64_t *times = malloc(sizeof *times * (size_t) rounds), end = wall() + atoll(args[1]) * 1000000;
    for (int i = -1; i < rounds;) {
        int64_t begin = wall();
        wasmtime_store_t *store = open_store();
        set_wasi("/dev/null", 1, &name);
        run_start(ready);
        wasmtime_store_delete(store);
        int64_t now = wall();
        if (i >= 0) times[i] = now - begin;
        if (i >= 0 || now > end) i++;
    }
    for (int i = 0; i < rounds; i++) printf("nanos %" PRId64 "\n", times[i]);
    return 0;
}

static int64_t kib_of(const char *path, const char *key) {
    char line[256];
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0) {
            fclose(file);
            return atoll(line + strlen(key));
        }
    fail(key);
    return 0;
}

// Bytes of memory that the process takes: its share of every page, and its page tables.
static int64_t resident(void) {
    return (kib_of("/proc/self/smaps_rollup", "Pss:") + kib_of("/proc/self/status", "VmPTE:")) * 1024;
}

static int density(char **args) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_memory_reservation_set(config, 32 << 20);  // the default of 4 GiB would use up the address space
    wasmtime_config_memory_guard_size_set(config, 64 << 10);
    open_engine(config);
    compile(args[0]);
    wasmtime_instance_pre_t *ready = prepare();
    const char *name = "hello";
    int count = atoi(args[1]);
    int64_t before = 0;
    for (int i = -100; i < count; i++) {
        if (i == 0) before = resident();
        open_store();
        set_wasi("/dev/null", 1, &name);
        run_start(ready);
    }
    printf("bytes %" PRId64 "\n", (resident() - before) / count);
    return 0;
}

static int ready(char **args) {
    bool cached = strcmp(args[1], "-") != 0;
    char path[4096] = "";
    struct stat about;
    if (cached) snprintf(path, sizeof path, "%s/module.cwasm", args[1]);
    wasm_byte_vec_t bytes = read_file(args[0]);
    int64_t begin = wall();
    open_engine(wasm_config_new());
    bool warm = cached && stat(path, &about) == 0;
    if (warm) check(wasmtime_module_deserialize_file(engine, path, &module));
    else check(wasmtime_module_new(engine, (uint8_t *) bytes.data, bytes.size, &module));
    open_store();
    check(wasmtime_linker_define_unknown_imports_as_default_values(linker, context, module));
    wasm_trap_t *trap = NULL;
    check(wasmtime_linker_instantiate(linker, context, module, &instance, &trap));
    call_i32("getsp", 0, 0, 0, 0);
    printf("nanos %" PRId64 "\n", wall() - begin);
    if (cached && !warm) {
        wasm_byte_vec_t code;
        check(wasmtime_module_serialize(module, &code));
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(code.data, 1, code.size, file) != code.size || fclose(file) != 0) fail("cannot write the cache");
    }
    return 0;
}

int main(int argc, char **argv) {
    char *command = argc > 1 ? argv[1] : "";
    char **args = argv + 2;
    int count = argc - 2;
    if (!strcmp(command, "kernel") && count == 4) return kernel(args, false);
    if (!strcmp(command, "hostcall") && count == 4) return kernel(args, true);
    if (!strcmp(command, "quickjs") && count == 4) return quickjs(args);
    if (!strcmp(command, "program") && count >= 3) return program(args, count);
    if (!strcmp(command, "start") && count == 3) return start(args);
    if (!strcmp(command, "density") && count == 2) return density(args);
    if (!strcmp(command, "ready") && count == 2) return ready(args);
    fprintf(stderr, "see README.md for the commands\n");
    return 2;
}
