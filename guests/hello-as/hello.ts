// Prints its arguments and one environment variable. AssemblyScript has no WASI library of its own any more, so the
// four functions are declared here.

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: u32, slices: usize, count: u32, written: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, bytes: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(pointers: usize, bytes: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, bytes: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, bytes: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(status: u32): void;

const cell = memory.data(16);

function text(at: usize): string {
  let length: usize = 0;
  while (load<u8>(at + length)) length++;
  return String.UTF8.decodeUnsafe(at, length);
}

function args(): string[] {
  const found: string[] = [];
  if (args_sizes_get(cell, cell + 4)) return found;
  const count = load<u32>(cell);
  const pointers = __alloc(count * 4);
  args_get(pointers, __alloc(load<u32>(cell + 4)));
  for (let i: u32 = 1; i < count; i++) found.push(text(load<u32>(pointers + i * 4)));
  return found;
}

function variable(name: string): string {
  if (environ_sizes_get(cell, cell + 4)) return "not set";
  const count = load<u32>(cell);
  const pointers = __alloc(count * 4);
  environ_get(pointers, __alloc(load<u32>(cell + 4)));
  for (let i: u32 = 0; i < count; i++) {
    const entry = text(load<u32>(pointers + i * 4));
    if (entry.startsWith(name + "=")) return entry.substring(name.length + 1);
  }
  return "not set";
}

function __alloc(bytes: usize): usize {
  return heap.alloc(bytes + 1);
}

export function _start(): void {
  const line = String.UTF8.encode(
    "hello from AssemblyScript, arguments [" + args().join(", ") + "], GREETING " + variable("GREETING") + "\n");
  store<u32>(cell, changetype<usize>(line) as u32);
  store<u32>(cell + 4, line.byteLength);
  fd_write(1, cell, 1, cell + 8);
}

/** The runtime's abort: a message would need stderr, a status is enough. */
export function onAbort(message: string | null, file: string | null, line: u32, column: u32): void {
  proc_exit(70);
}
