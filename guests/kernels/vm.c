// Dispatch: a small stack machine, its program a loop of n thousand rounds; one switch decides every instruction.
#include "kernel.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, AND, XOR, SHR, LESS, JUMP, JUMP_UNLESS, DUP, SWAP, DROP, READ, WRITE, HALT };

// sum = 0; i = 0; while (i < limit) { t = cells[i & 63]; sum = sum * 31 ^ t + i; cells[(i ^ sum) & 63] = sum >> 3; i = i + 1 }
static const int32_t program[] = {
    PUSH, 0, STORE, 1,               //  0  i = 0
    PUSH, 0, STORE, 2,               //  4  sum = 0
    LOAD, 1, LOAD, 0, LESS,          //  8  i < limit
    JUMP_UNLESS, 61,                 // 13
    LOAD, 1, PUSH, 63, AND, READ,    // 15  cells[i & 63]
    LOAD, 1, ADD,                    // 21
    LOAD, 2, PUSH, 31, MUL, XOR,     // 24
    DUP, STORE, 2,                   // 30  sum = ...
    PUSH, 3, SHR,                    // 33
    LOAD, 1, LOAD, 2, XOR,           // 36
    PUSH, 63, AND, WRITE,            // 41  cells[...] = sum >> 3
    LOAD, 2, LOAD, 1, SWAP, DROP, DROP, // 45
    LOAD, 1, PUSH, 1, ADD, STORE, 1, // 52  i = i + 1
    JUMP, 8,                         // 59
    HALT,                            // 61
};

static int32_t stack[64];
static int32_t locals[8];
static int32_t cells[64];

static int64_t execute(const int32_t *code) {
    int32_t *top = stack;
    int64_t steps = 0;
    for (const int32_t *at = code;; steps++) {
        switch (*at++) {
            case PUSH: *++top = *at++; break;
            case LOAD: *++top = locals[*at++]; break;
            case STORE: locals[*at++] = *top--; break;
            case ADD: top--; *top = (int32_t) ((uint32_t) *top + (uint32_t) top[1]); break;
            case SUB: top--; *top = (int32_t) ((uint32_t) *top - (uint32_t) top[1]); break;
            case MUL: top--; *top = (int32_t) ((uint32_t) *top * (uint32_t) top[1]); break;
            case AND: top--; *top &= top[1]; break;
            case XOR: top--; *top ^= top[1]; break;
            case SHR: top--; *top = (int32_t) ((uint32_t) *top >> top[1]); break;
            case LESS: top--; *top = *top < top[1]; break;
            case JUMP: at = code + *at; break;
            case JUMP_UNLESS: at = *top-- ? at + 1 : code + *at; break;
            case DUP: top[1] = *top; top++; break;
            case SWAP: { int32_t t = *top; *top = top[-1]; top[-1] = t; break; }
            case DROP: top--; break;
            case READ: *top = cells[*top & 63]; break;
            case WRITE: cells[*top & 63] = top[-1]; top -= 2; break;
            case HALT: return steps;
        }
    }
}

int64_t run(int32_t n) {
    for (int i = 0; i < 64; i++) cells[i] = i * 2654435;
    locals[0] = n * 1000;
    int64_t steps = execute(program);
    return steps << 32 | (uint32_t) locals[2];
}
