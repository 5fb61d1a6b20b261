// Parsing: a recursive-descent JSON reader over a generated document of about 1.1 MB, n times.
#include "kernel.h"

enum { ROOM = 1200000, WANTED = 1100000 };
static char text[ROOM];
static int length;

static void put(const char *s) {
    while (*s) text[length++] = *s++;
}

static void put_number(uint32_t value) {
    char digits[10];
    int count = 0;
    do digits[count++] = (char) ('0' + value % 10); while (value /= 10);
    while (count) text[length++] = digits[--count];
}

static void generate(void) {
    static const char *const words[] = { "keel", "mast", "rudder \\\"A\\\"", "bowline\\n", "st\\u00e4y", "jib", "tiller", "oar" };
    uint32_t state = 42;
    put("{\"fleet\": [\n");
    while (length < WANTED) {
        uint32_t r = next_random(&state);
        put("  {\"id\": ");
        put_number(r >> 12);
        put(", \"name\": \"");
        put(words[r >> 8 & 7]);
        put("\", \"draft\": -");
        put_number(r >> 20 & 31);
        put(".");
        put_number(r >> 3 & 1023);
        put("e1, \"afloat\": ");
        put(r & 1024 ? "true" : "false");
        put(", \"owner\": null, \"log\": [");
        for (uint32_t i = 0; i < (r >> 5 & 7); i++) {
            put(i ? ", " : "");
            put_number(next_random(&state) >> 16);
        }
        put("]},\n");
    }
    put("  {}]}\n");
}

typedef struct {
    const char *at;
    const char *end;
    int bad;
    uint64_t sum;
    double total;
} parser;

static void value(parser *p, int depth);

static int peek(parser *p) {
    while (p->at < p->end) {
        char c = *p->at;
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return c;
        p->at++;
    }
    return -1;
}

static int accept(parser *p, char wanted) {
    if (peek(p) != wanted) return 0;
    p->at++;
    return 1;
}

static int hex_digit(int c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void string(parser *p) {
    if (!accept(p, '"')) {
        p->bad++;
        return;
    }
    uint32_t hash = 2166136261u;
    while (p->at < p->end) {
        uint32_t c = (uint8_t) *p->at++;
        if (c == '"') {
            p->sum = p->sum * 31 + hash;
            return;
        }
        if (c == '\\') {
            c = (uint8_t) *p->at++;
            switch (c) {
                case 'n': c = '\n'; break;
                case 't': c = '\t'; break;
                case 'u':
                    c = 0;
                    for (int i = 0; i < 4; i++) {
                        int digit = hex_digit(*p->at++);
                        if (digit < 0) p->bad++;
                        c = c << 4 | (uint32_t) digit;
                    }
                    break;
                case '"': case '\\': case '/': break;
                default: p->bad++;
            }
        } else if (c < ' ') {
            p->bad++;
        }
        hash = (hash ^ c) * 16777619u;
    }
    p->bad++;
}

static void number(parser *p) {
    int negative = accept(p, '-');
    double v = 0;
    const char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9') v = v * 10 + (*p->at++ - '0');
    if (p->at == start) p->bad++;
    if (p->at < p->end && *p->at == '.') {
        double scale = 0.1;
        for (p->at++; p->at < p->end && *p->at >= '0' && *p->at <= '9'; scale *= 0.1) v += (*p->at++ - '0') * scale;
    }
    if (p->at < p->end && (*p->at | 32) == 'e') {
        int exponent = 0;
        for (p->at++; p->at < p->end && *p->at >= '0' && *p->at <= '9';) exponent = exponent * 10 + (*p->at++ - '0');
        while (exponent-- > 0) v *= 10;
    }
    p->total += negative ? -v : v;
}

static void word(parser *p, const char *expected) {
    while (*expected)
        if (p->at == p->end || *p->at++ != *expected++) {
            p->bad++;
            return;
        }
    p->sum++;
}

static void value(parser *p, int depth) {
    if (depth > 64) {
        p->bad++;
        return;
    }
    switch (peek(p)) {
        case '{':
            p->at++;
            if (accept(p, '}')) return;
            do {
                string(p);
                if (!accept(p, ':')) p->bad++;
                value(p, depth + 1);
            } while (accept(p, ','));
            if (!accept(p, '}')) p->bad++;
            return;
        case '[':
            p->at++;
            if (accept(p, ']')) return;
            do value(p, depth + 1); while (accept(p, ','));
            if (!accept(p, ']')) p->bad++;
            return;
        case '"': string(p); return;
        case 't': word(p, "true"); return;
        case 'f': word(p, "false"); return;
        case 'n': word(p, "null"); return;
        case -1: p->bad++; return;
        default: number(p); return;
    }
}

int64_t run(int32_t n) {
    if (!length) generate();
    uint64_t sum = 0;
    for (int i = 0; i < n; i++) {
        parser p = { text, text + length, 0, (uint64_t) i, 0 };
        value(&p, 0);
        if (p.bad) return -p.bad;
        sum += p.sum + (uint64_t) (int64_t) p.total;
    }
    return (int64_t) sum;
}
