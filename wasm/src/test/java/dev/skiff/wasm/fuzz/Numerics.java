package dev.skiff.wasm.fuzz;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The numeric instructions, by what they give. */
final class Numerics {
    /** Rows of opcode, prefix, signature (i = i32, l = i64, f = f32, d = f64) and names in the order of their opcodes. */
    private static final String TABLE = """
        45 i32 i:i eqz
        46 i32 ii:i eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u
        50 i64 l:i eqz
        51 i64 ll:i eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u
        5b f32 ff:i eq ne lt gt le ge
        61 f64 dd:i eq ne lt gt le ge
        67 i32 i:i clz ctz popcnt
        6a i32 ii:i add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr
        79 i64 l:l clz ctz popcnt
        7c i64 ll:l add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr
        8b f32 f:f abs neg ceil floor trunc nearest sqrt
        92 f32 ff:f add sub mul div min max copysign
        99 f64 d:d abs neg ceil floor trunc nearest sqrt
        a0 f64 dd:d add sub mul div min max copysign
        a7 i32 l:i wrap_i64
        a8 i32 f:i trunc_f32_s trunc_f32_u
        aa i32 d:i trunc_f64_s trunc_f64_u
        ac i64 i:l extend_i32_s extend_i32_u
        ae i64 f:l trunc_f32_s trunc_f32_u
        b0 i64 d:l trunc_f64_s trunc_f64_u
        b2 f32 i:f convert_i32_s convert_i32_u
        b4 f32 l:f convert_i64_s convert_i64_u
        b6 f32 d:f demote_f64
        b7 f64 i:d convert_i32_s convert_i32_u
        b9 f64 l:d convert_i64_s convert_i64_u
        bb f64 f:d promote_f32
        bc i32 f:i reinterpret_f32
        bd i64 d:l reinterpret_f64
        be f32 i:f reinterpret_i32
        bf f64 l:d reinterpret_i64
        c0 i32 i:i extend8_s extend16_s
        c2 i64 l:l extend8_s extend16_s extend32_s
        fc00 i32 f:i trunc_sat_f32_s trunc_sat_f32_u
        fc02 i32 d:i trunc_sat_f64_s trunc_sat_f64_u
        fc04 i64 f:l trunc_sat_f32_s trunc_sat_f32_u
        fc06 i64 d:l trunc_sat_f64_s trunc_sat_f64_u
        """;

    private static final Map<Type, List<Op>> BY_RESULT = parse();

    private Numerics() {}

    /** All instructions whose result has the type. */
    static List<Op> giving(Type result) {
        return BY_RESULT.get(result);
    }

    /** Whether it is a division or remainder of integers. */
    static boolean divides(Op op) {
        return op.name().contains(".rem_") || op.name().contains(".div_");
    }

    /** Whether it is a conversion that traps. */
    static boolean converts(Op op) {
        return op.name().contains(".trunc_f");
    }

    /** Whether bits of a NaN operand would reach the result other than as a NaN. */
    static boolean observesBits(Op op) {
        return op.name().endsWith("reinterpret_f32") || op.name().endsWith("reinterpret_f64") || copiesSign(op);
    }

    /** Whether the specification fixes every bit of the result for operands whose bits are fixed. */
    static boolean keepsBits(Op op) {
        return op.opcode() >= 0xB2 && op.opcode() <= 0xBA && op.opcode() != 0xB6
                || op.name().contains("reinterpret")
                || op.name().endsWith(".abs")
                || op.name().endsWith(".neg")
                || copiesSign(op);
    }

    private static boolean copiesSign(Op op) {
        return op.name().endsWith(".copysign");
    }

    private static Map<Type, List<Op>> parse() {
        var map = new EnumMap<Type, List<Op>>(Type.class);
        Type.NUMBERS.forEach(type -> map.put(type, new ArrayList<>()));
        for (String row : TABLE.lines().toList()) {
            String[] fields = row.split(" ");
            int opcode = Integer.parseInt(fields[0], 16);
            String[] signature = fields[2].split(":");
            var pops = signature[0].chars().mapToObj(Numerics::type).toList();
            Type push = type(signature[1].charAt(0));
            for (int i = 3; i < fields.length; i++) {
                map.get(push).add(Op.plain(fields[1] + "." + fields[i], opcode + i - 3, pops, List.of(push)));
            }
        }
        return map;
    }

    private static Type type(int letter) {
        return switch (letter) {
            case 'i' -> Type.I32;
            case 'l' -> Type.I64;
            case 'f' -> Type.F32;
            default -> Type.F64;
        };
    }
}
