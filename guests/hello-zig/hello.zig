//! Prints its arguments and one environment variable, straight on WASI's functions: Zig's standard library moves
//! its input and output interfaces with every release, WASI's do not.
const std = @import("std");
const wasi = std.os.wasi;

var line: [4096]u8 = undefined;
var end: usize = 0;

fn put(text: []const u8) void {
    const room = @min(text.len, line.len - end);
    @memcpy(line[end..][0..room], text[0..room]);
    end += room;
}

/// The strings that a pair of sizes_get and get functions hands out.
fn strings(comptime sizes: anytype, comptime get: anytype, gpa: std.mem.Allocator) ![][*:0]u8 {
    var count: usize = undefined;
    var bytes: usize = undefined;
    if (sizes(&count, &bytes) != .SUCCESS) return error.Refused;
    const pointers = try gpa.alloc([*:0]u8, count);
    const buffer = try gpa.alloc(u8, bytes);
    if (get(pointers.ptr, buffer.ptr) != .SUCCESS) return error.Refused;
    return pointers;
}

pub fn main() !void {
    var storage: [64 * 1024]u8 = undefined;
    var arena = std.heap.FixedBufferAllocator.init(&storage);
    const gpa = arena.allocator();

    put("hello from Zig, arguments [");
    const arguments = try strings(wasi.args_sizes_get, wasi.args_get, gpa);
    for (arguments, 0..) |argument, i| {
        if (i > 1) put(", ");
        if (i > 0) put(std.mem.span(argument));
    }

    var greeting: []const u8 = "not set";
    const prefix = "GREETING=";
    for (try strings(wasi.environ_sizes_get, wasi.environ_get, gpa)) |variable| {
        const text = std.mem.span(variable);
        if (std.mem.startsWith(u8, text, prefix)) greeting = text[prefix.len..];
    }
    put("], GREETING ");
    put(greeting);
    put("\n");

    const slices = [1]wasi.ciovec_t{.{ .base = &line, .len = end }};
    var written: usize = undefined;
    if (wasi.fd_write(1, &slices, 1, &written) != .SUCCESS) return error.NotWritten;
}
