#ifndef INTERLOCK_CRE2_H
#define INTERLOCK_CRE2_H

#include <stdbool.h>
#include <stddef.h>

// RE2 as functions that never throw: no captures, no logging. A compiled pattern may be matched from any thread.

#ifdef __cplusplus
#define INTERLOCK_NOEXCEPT noexcept
extern "C" {
#else
#define INTERLOCK_NOEXCEPT
#endif

struct interlock_re2;

// Returns an object even for an invalid pattern, which interlock_re2_error reports. Returns NULL if memory is
// exhausted.
struct interlock_re2 *interlock_re2_compile(const char *text, size_t bytes,
                                            size_t memory_bytes) INTERLOCK_NOEXCEPT;

// Compiles a pattern of bytes (Latin-1), whose matches are the longest that begin where they do.
struct interlock_re2 *interlock_re2_compile_bytes(const char *text, size_t bytes,
                                                  size_t memory_bytes) INTERLOCK_NOEXCEPT;

// Returns NULL if the pattern compiled, otherwise the reason, which is valid as long as the object.
const char *interlock_re2_error(const struct interlock_re2 *pattern) INTERLOCK_NOEXCEPT;

// Matches anywhere in the text. The pattern must have compiled.
bool interlock_re2_match(const struct interlock_re2 *pattern, const char *text,
                         size_t bytes) INTERLOCK_NOEXCEPT;

// Finds the first match that begins at `from` or later; the bytes before it are context for `\b`. Returns false if there
// is none. The pattern must have compiled.
bool interlock_re2_find(const struct interlock_re2 *pattern, const char *text, size_t bytes, size_t from,
                        size_t *start, size_t *length) INTERLOCK_NOEXCEPT;

// The number of instructions of the compiled program: a search takes at most a few nanoseconds for each byte and
// instruction. The pattern must have compiled.
size_t interlock_re2_program_size(const struct interlock_re2 *pattern) INTERLOCK_NOEXCEPT;

void interlock_re2_free(struct interlock_re2 *pattern) INTERLOCK_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#undef INTERLOCK_NOEXCEPT

#endif
