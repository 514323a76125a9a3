#ifndef INTERLOCK_CHYPERSCAN_H
#define INTERLOCK_CHYPERSCAN_H

#include <stddef.h>
#include <stdint.h>

// Vectorscan (the Hyperscan API) as six functions: many patterns are searched for at once in one block of bytes. It
// says where a match of a pattern ends and nothing else, so what it finds are candidates.

struct interlock_hyperscan;

// A pattern that is searched for. A rule may have several, of which each match is a candidate of the rule.
struct interlock_pattern {
    // The index of the rule.
    uint32_t rule;
    // The longest match, in bytes.
    uint32_t longest;
    // Not 0 if letters of both cases match.
    uint32_t ignores_case;
};

// Ends of matches of one rule that are close to one another: all lie in first_end...last_end, which are offsets behind
// the last byte of a match.
struct interlock_candidate {
    uint32_t rule;
    uint32_t first_end;
    uint32_t last_end;
};

enum interlock_hyperscan_result {
    INTERLOCK_HYPERSCAN_OK,
    // This processor or this build of the library cannot be used.
    INTERLOCK_HYPERSCAN_PLATFORM,
    // A pattern does not compile, or matches more bytes than it may.
    INTERLOCK_HYPERSCAN_PATTERN,
    INTERLOCK_HYPERSCAN_MEMORY,
    // There are more candidates than fit.
    INTERLOCK_HYPERSCAN_FULL,
    INTERLOCK_HYPERSCAN_FAILED,
};

// Compiles the patterns for this machine; `texts` has the text of each of the `count` patterns. `gaps` has for each of
// the `rules` the distance in bytes up to which ends of candidates become one. On failure of a pattern its index is in
// `*bad`. Neither the result nor a part of it may be used by two threads at a time.
enum interlock_hyperscan_result interlock_hyperscan_compile(const struct interlock_pattern *patterns,
                                                            const char *const *texts, uint32_t count,
                                                            const uint32_t *gaps, uint32_t rules,
                                                            struct interlock_hyperscan **out, uint32_t *bad);

// Returns the same compiled patterns for a further thread, with scratch of its own, or NULL if there is no memory. The
// result is used and freed before `scanner` is freed.
struct interlock_hyperscan *interlock_hyperscan_share(const struct interlock_hyperscan *scanner);

// Searches a block of less than 2^31 bytes. Ends of one rule that are within its gap of one another make one
// candidate. Every end is covered by a candidate, unless the result is not OK.
enum interlock_hyperscan_result interlock_hyperscan_scan(struct interlock_hyperscan *scanner, const uint8_t *bytes,
                                                         size_t count, struct interlock_candidate *candidates,
                                                         size_t capacity, size_t *found);

// The version of the library, of static storage.
const char *interlock_hyperscan_version(void);

// The size of the compiled patterns, in bytes.
size_t interlock_hyperscan_size(const struct interlock_hyperscan *scanner);

void interlock_hyperscan_free(struct interlock_hyperscan *scanner);

#endif
