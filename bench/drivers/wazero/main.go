// The driver for wazero. See ../README.md for the commands.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "wazero driver:", err)
		os.Exit(1)
	}
	return value
}

func number(text string) int { return must(strconv.Atoi(text)) }

// cpu is the processor time of this thread in nanoseconds; main locks its goroutine to the thread.
func cpu() int64 {
	const rusageThread = 1
	var usage syscall.Rusage
	if err := syscall.Getrusage(rusageThread, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func wall() int64 { return int64(time.Since(origin)) }

var origin = time.Now()

// warm calls the action for some milliseconds and at least twice.
func warm(millis int, action func()) {
	end := wall() + int64(millis)*1e6
	for i := 0; i < 2 || wall() < end; i++ {
		action()
	}
}

func timed(rounds int, clock func() int64, action func()) {
	times := make([]int64, rounds)
	for i := range times {
		begin := clock()
		action()
		times[i] = clock() - begin
	}
	for _, nanos := range times {
		fmt.Println("nanos", nanos)
	}
}

// stub offers functions that answer zero for all imports of a module whose names are not taken.
func stub(r wazero.Runtime, module wazero.CompiledModule) {
	builders := map[string]wazero.HostModuleBuilder{}
	for _, f := range module.ImportedFunctions() {
		from, name, _ := f.Import()
		if r.Module(from) != nil {
			continue
		}
		if builders[from] == nil {
			builders[from] = r.NewHostModuleBuilder(from)
		}
		results := len(f.ResultTypes())
		builders[from].NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
			for i := range results {
				stack[i] = 0
			}
		}), f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	for _, builder := range builders {
		must(builder.Instantiate(ctx))
	}
}

func call(module api.Module, name string, args ...uint64) uint64 {
	results := must(module.ExportedFunction(name).Call(ctx, args...))
	if len(results) == 0 {
		return 0
	}
	return results[0]
}

func kernel(args []string, withTick bool) {
	r := wazero.NewRuntime(ctx)
	if withTick {
		i32 := []api.ValueType{api.ValueTypeI32}
		tick := api.GoFunc(func(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(stack[0]) + 1) })
		must(r.NewHostModuleBuilder("env").NewFunctionBuilder().WithGoFunction(tick, i32, i32).Export("tick").Instantiate(ctx))
	}
	run := must(r.Instantiate(ctx, must(os.ReadFile(args[0])))).ExportedFunction("run")
	stack := make([]uint64, 1)
	action := func() {
		stack[0] = uint64(number(args[1]))
		if err := run.CallWithStack(ctx, stack); err != nil {
			panic(err)
		}
	}
	warm(number(args[2]), action)
	fmt.Println("checksum", int64(stack[0]))
	timed(number(args[3]), cpu, action)
}

func quickjs(args []string) {
	r := wazero.NewRuntime(ctx)
	compiled := must(r.CompileModule(ctx, must(os.ReadFile(args[0]))))
	script := append(must(os.ReadFile(args[1])), 0)
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	stub(r, compiled)
	js := must(r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithStartFunctions("_initialize")))
	call(js, "qjs_init")
	length := uint64(len(script) - 1)
	var result float64
	evaluate := func() {
		at := call(js, "wasm_malloc", length+1)
		js.Memory().Write(uint32(at), script)
		value := call(js, "qjs_eval", at, length, at+length, 0)
		result = api.DecodeF64(call(js, "qjs_get_float64", value))
		call(js, "qjs_free_value", value)
		call(js, "wasm_free", at)
	}
	warm(number(args[2]), evaluate)
	fmt.Println("result", result)
	timed(number(args[3]), cpu, evaluate)
}

// runOnce instantiates a command; that it exits is no error.
func runOnce(r wazero.Runtime, module wazero.CompiledModule, config wazero.ModuleConfig) api.Module {
	instance, err := r.InstantiateModule(ctx, module, config)
	var exit *sys.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 0 {
		return instance
	}
	return must(instance, err)
}

func program(args []string) {
	begin := wall()
	r := wazero.NewRuntime(ctx)
	compiled := must(r.CompileModule(ctx, must(os.ReadFile(args[0]))))
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	argv := append([]string{args[0]}, args[3:]...)
	run := func() {
		out := must(os.Create(args[1]))
		config := wazero.NewModuleConfig().WithName("").WithArgs(argv...).WithStdout(out).WithSysWalltime().WithSysNanotime().WithSysNanosleep()
		if instance := runOnce(r, compiled, config); instance != nil {
			instance.Close(ctx)
		}
		out.Close()
	}
	run()
	fmt.Println("first", wall()-begin)
	timed(number(args[2]), cpu, run)
}

func start(args []string) {
	r := wazero.NewRuntime(ctx)
	compiled := must(r.CompileModule(ctx, must(os.ReadFile(args[0]))))
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	out := must(os.OpenFile(os.DevNull, os.O_WRONLY, 0))
	run := func() {
		runOnce(r, compiled, wazero.NewModuleConfig().WithName("").WithArgs("hello").WithStdout(out)).Close(ctx)
	}
	warm(number(args[1]), run)
	timed(number(args[2]), wall, run)
}

func resident() int64 {
	kib := func(path, key string) int64 {
		found := regexp.MustCompile(`(?m)^` + key + `:\s*(\d+)`).FindSubmatch(must(os.ReadFile(path)))
		return int64(number(string(found[1])))
	}
	runtime.GC()
	debug.FreeOSMemory()
	return (kib("/proc/self/smaps_rollup", "Pss") + kib("/proc/self/status", "VmPTE")) * 1024
}

func density(args []string) {
	r := wazero.NewRuntime(ctx)
	compiled := must(r.CompileModule(ctx, must(os.ReadFile(args[0]))))
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	out := must(os.OpenFile(os.DevNull, os.O_WRONLY, 0))
	count := number(args[1])
	var alive []api.Module
	var before int64
	for i := -100; i < count; i++ {
		if i == 0 {
			before = resident()
		}
		alive = append(alive, runOnce(r, compiled, wazero.NewModuleConfig().WithName("").WithArgs("hello").WithStdout(out)))
		if i == 200 {
			if each := (resident() - before) / 200; each*int64(count) > 12<<30 {
				fmt.Println("absent", "at", each/1024, "KiB each there is not enough memory for", count)
				os.Exit(3)
			}
		}
	}
	fmt.Println("bytes", (resident()-before)/int64(count))
	runtime.KeepAlive(alive)
}

func ready(args []string) {
	binary := must(os.ReadFile(args[0]))
	begin := wall()
	config := wazero.NewRuntimeConfig()
	if args[1] != "-" {
		config = config.WithCompilationCache(must(wazero.NewCompilationCacheWithDir(filepath.Clean(args[1]))))
	}
	r := wazero.NewRuntimeWithConfig(ctx, config)
	compiled := must(r.CompileModule(ctx, bytes.Clone(binary)))
	stub(r, compiled)
	call(must(r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithStartFunctions())), "getsp")
	fmt.Println("nanos", wall()-begin)
}

func main() {
	runtime.LockOSThread()
	if len(os.Args) < 2 {
		os.Args = append(os.Args, "")
	}
	args := os.Args[2:]
	switch os.Args[1] {
	case "kernel":
		kernel(args, false)
	case "hostcall":
		kernel(args, true)
	case "quickjs":
		quickjs(args)
	case "program":
		program(args)
	case "start":
		start(args)
	case "density":
		density(args)
	case "ready":
		ready(args)
	default:
		fmt.Fprintln(os.Stderr, "see README.md for the commands")
		os.Exit(2)
	}
}
