// The driver for V8, in Node. See README.md for the commands.
import fs from 'node:fs';
import { WASI } from 'node:wasi';

const [command, ...args] = process.argv.slice(2);

const wall = () => process.hrtime.bigint();

/** Processor time of the process in nanoseconds: Node 20 cannot ask for a thread's. V8's helpers idle once it is warm. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return BigInt(user + system) * 1000n;
}

function absent(reason) {
  console.log('absent', reason);
  process.exit(3);
}

const compile = (path) => new WebAssembly.Module(fs.readFileSync(path));

/** Functions that answer zero for the imports that are not given. */
function stubs(module, given = {}) {
  const imports = { ...given };
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (given[from]) continue;
    if (kind !== 'function') absent(`${from}.${name} is a ${kind}`);
    (imports[from] ??= {})[name] = () => 0;
  }
  return imports;
}

const wasiOn = (stdout, args) => new WASI({ version: 'preview1', args, env: {}, stdout, returnOnExit: true });

/** Calls action for some milliseconds and at least twice; returns its last result. */
function warm(millis, action) {
  const end = wall() + BigInt(millis) * 1000000n;
  let result;
  for (let i = 0; i < 2 || wall() < end; i++) result = action();
  return result;
}

function timed(rounds, clock, action) {
  for (let i = 0; i < rounds; i++) {
    const begin = clock();
    action();
    console.log('nanos', String(clock() - begin));
  }
}

function kernel([path, n, warmup, rounds], imports) {
  const { run } = new WebAssembly.Instance(compile(path), imports).exports;
  console.log('checksum', String(warm(warmup, () => run(n | 0))));
  timed(rounds, cpu, () => run(n | 0));
}

function quickjs([path, script, warmup, rounds]) {
  const module = compile(path);
  const text = fs.readFileSync(script);
  const wasi = wasiOn(1, []);
  const instance = new WebAssembly.Instance(module, stubs(module, wasi.getImportObject()));
  wasi.initialize(instance);
  const js = instance.exports;
  js.qjs_init();
  const evaluate = () => {
    const at = js.wasm_malloc(text.length + 1);
    const bytes = new Uint8Array(js.memory.buffer, at, text.length + 1);
    bytes.set(text);
    bytes[text.length] = 0;
    const value = js.qjs_eval(at, text.length, at + text.length, 0);
    const number = js.qjs_get_float64(value);
    js.qjs_free_value(value);
    js.wasm_free(at);
    return number;
  };
  console.log('result', warm(warmup, evaluate));
  timed(rounds, cpu, evaluate);
}

function program([path, out, rounds, ...programArgs]) {
  let module;
  const run = () => {
    const stdout = fs.openSync(out, 'w'); // not closed here: WASI owns it now
    const wasi = wasiOn(stdout, [path, ...programArgs]);
    wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
  };
  const begin = wall();
  module = compile(path);
  run();
  console.log('first', String(wall() - begin));
  timed(rounds, cpu, run);
}

/**
 * Instantiates and runs a command that needs nothing but fd_write. Node's own WASI crashes after some thousands of
 * instances, so this gives it the one function.
 */
function runSmall(module, stdout) {
  let memory;
  const fd_write = (fd, slices, count, written) => {
    const view = new DataView(memory.buffer);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = view.getUint32(slices + 8 * i, true);
      const length = view.getUint32(slices + 8 * i + 4, true);
      total += fs.writeSync(stdout, new Uint8Array(memory.buffer, at, length));
    }
    view.setUint32(written, total, true);
    return 0;
  };
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: { fd_write } });
  memory = instance.exports.memory;
  instance.exports._start();
  return instance;
}

function start([path, warmup, rounds]) {
  const module = compile(path);
  const stdout = fs.openSync('/dev/null', 'w');
  const run = () => runSmall(module, stdout);
  warm(warmup, run);
  timed(rounds, wall, run);
}

function resident() {
  const kib = (path, key) => Number(fs.readFileSync(path, 'utf8').match(new RegExp(`^${key}:\\s*(\\d+)`, 'm'))[1]);
  return (kib('/proc/self/smaps_rollup', 'Pss') + kib('/proc/self/status', 'VmPTE')) * 1024;
}

function density([path, count]) {
  const module = compile(path);
  const stdout = fs.openSync('/dev/null', 'w');
  const alive = [];
  let before = 0;
  for (let i = -100; i < count; i++) {
    if (i === 0) before = resident();
    try {
      alive.push(runSmall(module, stdout));
    } catch (error) {
      absent(`${i} instances, then: ${error.message}`);
    }
  }
  console.log('bytes', Math.round((resident() - before) / count));
}

function ready([path, cache]) {
  if (cache !== '-') absent('Node has no way to keep compiled code on disk');
  const bytes = fs.readFileSync(path);
  const begin = wall();
  const module = new WebAssembly.Module(bytes);
  new WebAssembly.Instance(module, stubs(module)).exports.getsp();
  console.log('nanos', String(wall() - begin));
}

switch (command) {
  case 'kernel': kernel(args); break;
  case 'hostcall': kernel(args, { env: { tick: (x) => x + 1 } }); break;
  case 'quickjs': quickjs(args); break;
  case 'program': program(args); break;
  case 'start': start(args); break;
  case 'density': density(args); break;
  case 'ready': ready(args); break;
  default:
    console.error('see README.md for the commands');
    process.exitCode = 2;
}
