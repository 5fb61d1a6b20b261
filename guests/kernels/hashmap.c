// Strings: counts n thousand generated words in a hash table with open addressing that grows as it fills.
#include "kernel.h"

enum { MAX_SLOTS = 1 << 18, ARENA = 4 << 20 };

typedef struct {
    uint32_t hash;
    uint32_t count;
    const char *word;
} slot;

static slot halves[2][MAX_SLOTS];
static char arena[ARENA];
static slot *slots;
static uint32_t capacity, used, arena_used;

static uint32_t hash_of(const char *s) {
    uint32_t h = 2166136261u;
    for (; *s; s++) h = (h ^ (uint8_t) *s) * 16777619u;
    return h;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

static const char *keep(const char *word) {
    char *copy = arena + arena_used;
    do arena[arena_used++] = *word; while (*word++);
    return copy;
}

static void grow(void) {
    slot *old = slots;
    uint32_t before = capacity;
    slots = old == halves[0] ? halves[1] : halves[0];
    capacity *= 2;
    for (uint32_t i = 0; i < capacity; i++) slots[i].word = 0;
    for (uint32_t i = 0; i < before; i++) {
        if (!old[i].word) continue;
        uint32_t at = old[i].hash & (capacity - 1);
        while (slots[at].word) at = (at + 1) & (capacity - 1);
        slots[at] = old[i];
    }
}

static void count(const char *word) {
    uint32_t hash = hash_of(word);
    uint32_t at = hash & (capacity - 1);
    for (; slots[at].word; at = (at + 1) & (capacity - 1))
        if (slots[at].hash == hash && same(slots[at].word, word)) {
            slots[at].count++;
            return;
        }
    slots[at] = (slot) { hash, 1, keep(word) };
    if (++used * 4 > capacity * 3 && capacity < MAX_SLOTS) grow();
}

/** A word of two to five syllables; small numbers come up more often, as in real text. */
static void make_word(char *word, uint32_t *state) {
    static const char syllables[] = "bacadafagahelemenirisotupuvywoxe";
    uint32_t r = next_random(state) >> 8;
    uint32_t rank = (r & 0xffff) % (1 + (r >> 16) * (r >> 16));
    do {
        const char *s = syllables + (rank & 15) * 2;
        *word++ = s[0];
        *word++ = s[1];
    } while (rank >>= 4);
    *word = 0;
}

int64_t run(int32_t n) {
    slots = halves[0];
    capacity = 64;
    used = arena_used = 0;
    for (uint32_t i = 0; i < capacity; i++) slots[i].word = 0;
    uint32_t state = 99;
    char word[32];
    for (int i = 0; i < n * 1000; i++) {
        make_word(word, &state);
        count(word);
    }
    uint64_t sum = used;
    for (uint32_t i = 0; i < capacity; i++)
        if (slots[i].word) sum = sum * 31 + slots[i].hash * slots[i].count;
    return (int64_t) sum;
}
