// Runs scenarios on V8, as NodeRunner asks: each line on standard input names a file with a module and a file that
// describes a scenario; the answer is the outcome, line by line, and then an empty line. Host and Value, in Java, say
// what the host does and how values are written.
'use strict';
const fs = require('fs');
const readline = require('readline');

const buffer = new DataView(new ArrayBuffer(8));
const words = text => (text === '-' ? [] : text.split(','));

function hashText(start, text) {
  let hash = start;
  for (let i = 0; i < text.length; i++) {
    hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  }
  return hash;
}

function show(type, value) {
  switch (type) {
    case 'i32':
    case 'i64':
      return type + ':' + value;
    case 'f32':
      if (Number.isNaN(value)) return 'f32:nan';
      buffer.setFloat32(0, value);
      return 'f32:' + buffer.getUint32(0).toString(16);
    case 'f64':
      if (Number.isNaN(value)) return 'f64:nan';
      buffer.setFloat64(0, value);
      return 'f64:' + buffer.getBigUint64(0).toString(16);
    case 'externref':
      return 'externref:' + value;
    default:
      return type + ':' + (value === null ? 'null' : 'some');
  }
}

function read(text) {
  const [type, rest] = text.split(':');
  if (rest === 'null') return null;
  switch (type) {
    case 'i64':
      return BigInt(rest);
    case 'f32':
      buffer.setUint32(0, parseInt(rest, 16));
      return buffer.getFloat32(0);
    case 'f64':
      buffer.setBigUint64(0, BigInt('0x' + rest));
      return buffer.getFloat64(0);
    default:
      return Number(rest);
  }
}

const list = (types, values) => types.map((type, i) => show(type, values[i])).join(' ');
const GLOBALS = {i32: 24, i64: -5n, f32: 1.5, f64: -0.25};

class Host {
  hash = 0;
  calls = 0;
  exports = null;

  call(name, params, results, args) {
    let seed = hashText(0, name + ' ' + list(params, args));
    this.hash = (Math.imul(31, this.hash) + seed) | 0;
    this.calls++;
    const values = results.map(type => {
      seed = (Math.imul(seed, 1103515245) + 12345) | 0;
      switch (type) {
        case 'i32':
          return seed;
        case 'i64':
          return BigInt.asIntN(64, BigInt(seed) * 0x9e3779b97f4an);
        case 'f32':
          return (seed % 1000) / 8 + 0;
        case 'f64':
          return seed / 8;
        case 'externref':
          return (seed & 1) === 0 ? null : seed & 7;
        default:
          return null;
      }
    });
    return results.length === 0 ? undefined : results.length === 1 ? values[0] : values;
  }

  poke(arg) {
    const memory = this.exports.m0;
    const before = memory.buffer.byteLength / 65536;
    if (arg & 1) {
      try {
        memory.grow(1);
      } catch (e) {
        if (!(e instanceof RangeError)) throw e;
      }
    }
    const bytes = new Uint8Array(memory.buffer);
    const address = (arg >>> 1) & 0xffff;
    if (address < bytes.length) bytes[address] ^= 0x5a;
    return before;
  }

  function(name, params, results) {
    if (name === 'poke') return arg => this.poke(arg);
    if (name === 'callback') return arg => (this.exports.callback((arg - 1) | 0) + 1) | 0;
    return (...args) => this.call(name, params, results, args);
  }
}

const TRAPS = [
  ['unreachable', 'UNREACHABLE'],
  ['memory access out of bounds', 'MEMORY_OUT_OF_BOUNDS'],
  ['data segment', 'MEMORY_OUT_OF_BOUNDS'],
  ['element segment', 'TABLE_OUT_OF_BOUNDS'],
  ['table index is out of bounds', 'TABLE_OUT_OF_BOUNDS|UNDEFINED_ELEMENT'],
  ['table access', 'TABLE_OUT_OF_BOUNDS'],
  ['table out of bounds', 'TABLE_OUT_OF_BOUNDS'],
  ['null function or function signature', 'UNINITIALIZED_ELEMENT|INDIRECT_CALL_TYPE_MISMATCH|UNDEFINED_ELEMENT'],
  ['divide by zero', 'INTEGER_DIVIDE_BY_ZERO'],
  ['remainder by zero', 'INTEGER_DIVIDE_BY_ZERO'],
  ['divide result unrepresentable', 'INTEGER_OVERFLOW'],
  ['float unrepresentable', 'INTEGER_OVERFLOW|INVALID_CONVERSION_TO_INTEGER'],
  ['Maximum call stack', 'CALL_STACK_EXHAUSTED'],
];

function attempt(what, action) {
  try {
    return what + ': ' + action();
  } catch (e) {
    const known = TRAPS.find(([text]) => String(e.message).includes(text));
    if (!(e instanceof WebAssembly.RuntimeError || e instanceof RangeError) || !known) throw e;
    return what + ': trap ' + known[1];
  }
}

function state(kind, name, types, value) {
  switch (kind) {
    case 'memory': {
      const bytes = new Uint8Array(value.buffer);
      let hash = 1;
      for (let i = 0; i < bytes.length; i++) hash = (Math.imul(31, hash) + bytes[i]) | 0;
      return `memory ${name}: ${bytes.length} bytes, hash ${hash}`;
    }
    case 'global':
      return `global ${name}: ${show(types[0], value.value)}`;
    case 'table': {
      const elements = [];
      for (let i = 0; i < value.length; i++) elements.push(show(types[0], value.get(i)));
      return `table ${name}: ${elements.join(' ')}`;
    }
    default:
      return null;
  }
}

function run(modulePath, scenarioPath) {
  const out = [];
  const host = new Host();
  const env = {};
  const wanted = [];
  const calls = [];
  for (const line of fs.readFileSync(scenarioPath, 'utf8').trimEnd().split('\n')) {
    const [kind, ...rest] = line.split(' ');
    if (kind === 'import-func') env[rest[0]] = host.function(rest[0], words(rest[1]), words(rest[2]));
    else if (kind === 'import-global')
      env[rest[0]] = new WebAssembly.Global({value: rest[1], mutable: rest[2] === 'true'}, GLOBALS[rest[1]]);
    else if (kind === 'export') wanted.push(rest);
    else if (kind === 'call') calls.push(rest);
  }
  const module = new WebAssembly.Module(fs.readFileSync(modulePath));
  let exports = null;
  out.push(
    attempt('instantiate', () => {
      // The start function may call the host before there are exports to be had: such modules have no start function.
      exports = new WebAssembly.Instance(module, {env}).exports;
      return 'ok';
    })
  );
  if (exports === null) return out;
  host.exports = exports;
  for (const [name, results, ...args] of calls) {
    const types = words(results);
    out.push(
      attempt('call ' + name, () => {
        exports.refuel();
        const values = exports[name](...args.map(read));
        return types.length === 0 ? '' : types.length === 1 ? show(types[0], values) : list(types, values);
      })
    );
  }
  for (const [kind, name, types] of wanted) {
    const line = state(kind, name, words(types), exports[name]);
    if (line !== null) out.push(line);
  }
  out.push(`host: ${host.calls} calls, hash ${host.hash}`);
  return out;
}

readline.createInterface({input: process.stdin}).on('line', line => {
  const [modulePath, scenarioPath] = line.split('\t');
  try {
    console.log(run(modulePath, scenarioPath).join('\n') + '\n');
  } catch (e) {
    console.log('failure: ' + String(e && e.stack).replace(/\n+/g, ' | ') + '\n');
  }
});
