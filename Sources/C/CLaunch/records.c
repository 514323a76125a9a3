#include "records.h"

#include <string.h>

#include "CLaunch.h"

void require(struct cursor *cursor, bool condition) {
    if (!condition) cursor->bad = true;
}

uint64_t read_integer(struct cursor *cursor, size_t bytes) {
    uint64_t value = 0;
    require(cursor, cursor->left >= bytes);
    if (cursor->bad) return 0;
    for (size_t i = 0; i < bytes; i++) value |= (uint64_t)cursor->next[i] << (8 * i);
    cursor->next += bytes;
    cursor->left -= bytes;
    return value;
}

bool read_record(struct cursor *cursor, struct record *record) {
    if (cursor->bad || cursor->left == 0) return false;
    size_t length = read_integer(cursor, 4);
    record->tag = (uint16_t)read_integer(cursor, 2);
    require(cursor, cursor->left >= length);
    if (cursor->bad) return false;
    record->payload = (struct cursor){cursor->next, length, false};
    cursor->next += length;
    cursor->left -= length;
    return true;
}

// Copies the next bytes and ends them with NUL.
static const char *keep(struct cursor *cursor, struct arena *arena, size_t size) {
    require(cursor, cursor->left >= size && arena->left > size);
    if (cursor->bad) return "";
    char *text = arena->next;
    memcpy(text, cursor->next, size);
    text[size] = '\0';
    arena->next += size + 1;
    arena->left -= size + 1;
    cursor->next += size;
    cursor->left -= size;
    return text;
}

static const char *keep_text(struct cursor *cursor, struct arena *arena, size_t size) {
    const char *text = keep(cursor, arena, size);
    require(cursor, cursor->bad || strlen(text) == size);
    return text;
}

const char *read_str(struct cursor *cursor, struct arena *arena) {
    return keep_text(cursor, arena, read_integer(cursor, 2));
}

const char *read_text(struct cursor *cursor, struct arena *arena) { return keep_text(cursor, arena, cursor->left); }

const char *read_bytes(struct cursor *cursor, struct arena *arena, size_t *size) {
    *size = cursor->left;
    return keep(cursor, arena, cursor->left);
}

static bool is_normal(const char *path) {
    size_t length = strlen(path);
    if (path[0] != '/' || length < 2 || length > INTERLOCK_SPEC_PATH_BYTES_MAX) return false;
    for (const char *slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
        const char *component = slash + 1;
        size_t size = strcspn(component, "/");
        if (size == 0 || (size <= 2 && strncmp(component, "..", size) == 0)) return false;
    }
    return true;
}

const char *read_path(struct cursor *cursor, struct arena *arena, bool is_rest) {
    const char *path = is_rest ? read_text(cursor, arena) : read_str(cursor, arena);
    require(cursor, cursor->bad || is_normal(path));
    return path;
}
