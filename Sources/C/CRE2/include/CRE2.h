#ifndef INTERLOCK_CRE2_H
#define INTERLOCK_CRE2_H

#include <stdbool.h>
#include <stddef.h>

// RE2 behind six functions that never throw: UTF-8, no captures, nothing logged. A compiled pattern
// may be matched from any thread.

#ifdef __cplusplus
#define INTERLOCK_NOEXCEPT noexcept
extern "C" {
#else
#define INTERLOCK_NOEXCEPT
#endif

struct interlock_re2;

// Gives an object also for text that is no pattern: ask interlock_re2_error. NULL without memory.
struct interlock_re2 *interlock_re2_compile(const char *text, size_t bytes,
                                            size_t memory_bytes) INTERLOCK_NOEXCEPT;

// NULL when the pattern compiled; else the reason, which lives as long as the object.
const char *interlock_re2_error(const struct interlock_re2 *pattern) INTERLOCK_NOEXCEPT;

// Unanchored. Only for a pattern that compiled.
bool interlock_re2_match(const struct interlock_re2 *pattern, const char *text,
                         size_t bytes) INTERLOCK_NOEXCEPT;

// Instructions of the compiled program: a search takes at most some nanoseconds for each byte and each of them. Only
// for a pattern that compiled.
size_t interlock_re2_program_size(const struct interlock_re2 *pattern) INTERLOCK_NOEXCEPT;

void interlock_re2_free(struct interlock_re2 *pattern) INTERLOCK_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#undef INTERLOCK_NOEXCEPT

#endif
