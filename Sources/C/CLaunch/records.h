// Records of a memfd, and the fields of a payload. A value that is wrong sets `bad`, and later reads return zeros.
#ifndef INTERLOCK_RECORDS_H
#define INTERLOCK_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes that are not read yet.
struct cursor {
    const uint8_t *next;
    size_t left;
    bool bad;
};

struct record {
    uint16_t tag;
    struct cursor payload;
};

// Memory for the strings of one memfd: each is at most as long as its bytes there, with one NUL.
struct arena {
    char *next;
    size_t left;
};

uint64_t read_integer(struct cursor *cursor, size_t bytes);
// Returns whether there was a next record; sets `bad` if the bytes end within it.
bool read_record(struct cursor *cursor, struct record *record);

// Read a str, and the rest of a payload as text or as bytes. Text has no NUL. `size` may be NULL.
const char *read_str(struct cursor *cursor, struct arena *arena);
const char *read_text(struct cursor *cursor, struct arena *arena);
const char *read_bytes(struct cursor *cursor, struct arena *arena, size_t *size);
const char *read_path(struct cursor *cursor, struct arena *arena, bool is_rest);
void require(struct cursor *cursor, bool condition);

#endif
