#include "CHyperscan.h"

#include <hs/hs.h>
#include <stdlib.h>
#include <string.h>

// The place of a rule's newest candidate, while there is none.
static const size_t none = (size_t)-1;

struct interlock_hyperscan {
    hs_database_t *database;
    // Another scanner frees the database.
    int is_shared;
    // Belongs to one scan at a time.
    hs_scratch_t *scratch;
    // The number of rules, each of which has one pattern or more.
    uint32_t count;
    // The distance up to which ends of one rule are one candidate.
    uint32_t *gaps;
    // The index of each rule's newest candidate of the scan under way.
    size_t *newest;
};

struct collection {
    struct interlock_hyperscan *scanner;
    struct interlock_candidate *candidates;
    size_t capacity;
    size_t count;
    int is_full;
};

void interlock_hyperscan_free(struct interlock_hyperscan *scanner) {
    if (scanner == NULL) return;
    hs_free_scratch(scanner->scratch);
    if (!scanner->is_shared) hs_free_database(scanner->database);
    free(scanner->gaps);
    free(scanner->newest);
    free(scanner);
}

// The library has no code of its own for this: it names the first pattern, and says so in words (`hs_enomem`).
static int is_out_of_memory(const hs_compile_error_t *error) {
    return error != NULL && error->message != NULL && strcmp(error->message, "Unable to allocate memory.") == 0;
}

// The library's own view of how long a match can be is compared with that of the rules' reader.
static enum interlock_hyperscan_result check(const struct interlock_pattern *pattern, const char *text,
                                             unsigned flags) {
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    if (hs_expression_info(text, flags, &info, &error) != HS_SUCCESS) {
        const int refused = is_out_of_memory(error);
        hs_free_compile_error(error);
        return refused ? INTERLOCK_HYPERSCAN_MEMORY : INTERLOCK_HYPERSCAN_PATTERN;
    }
    const int bounded = info->min_width > 0 && info->max_width <= pattern->longest;
    free(info);
    return bounded ? INTERLOCK_HYPERSCAN_OK : INTERLOCK_HYPERSCAN_PATTERN;
}

static enum interlock_hyperscan_result compile(struct interlock_hyperscan *scanner,
                                               const struct interlock_pattern *patterns, const char *const *texts,
                                               uint32_t count, unsigned *ids, unsigned *flags, uint32_t *bad) {
    for (uint32_t i = 0; i < count; i++) {
        // Bytes rather than UTF-8, in which other bytes would be undefined, and no start of a match.
        ids[i] = patterns[i].rule;
        flags[i] = patterns[i].ignores_case ? HS_FLAG_CASELESS : 0;
        const enum interlock_hyperscan_result result =
            ids[i] < scanner->count ? check(&patterns[i], texts[i], flags[i]) : INTERLOCK_HYPERSCAN_PATTERN;
        if (result != INTERLOCK_HYPERSCAN_OK) {
            *bad = i;
            return result;
        }
    }
    hs_compile_error_t *error = NULL;
    const hs_error_t result =
        hs_compile_multi(texts, flags, ids, count, HS_MODE_BLOCK, NULL, &scanner->database, &error);
    if (result == HS_COMPILER_ERROR) {
        const int index = error->expression, refused = is_out_of_memory(error);
        hs_free_compile_error(error);
        if (refused) return INTERLOCK_HYPERSCAN_MEMORY;
        if (index < 0) return INTERLOCK_HYPERSCAN_FAILED;
        *bad = (uint32_t)index;
        return INTERLOCK_HYPERSCAN_PATTERN;
    }
    if (result != HS_SUCCESS) return INTERLOCK_HYPERSCAN_FAILED;
    return hs_alloc_scratch(scanner->database, &scanner->scratch) == HS_SUCCESS ? INTERLOCK_HYPERSCAN_OK
                                                                                : INTERLOCK_HYPERSCAN_MEMORY;
}

enum interlock_hyperscan_result interlock_hyperscan_compile(const struct interlock_pattern *patterns,
                                                            const char *const *texts, uint32_t count,
                                                            const uint32_t *gaps, uint32_t rules,
                                                            struct interlock_hyperscan **out, uint32_t *bad) {
    *out = NULL;
    if (hs_valid_platform() != HS_SUCCESS) return INTERLOCK_HYPERSCAN_PLATFORM;
    struct interlock_hyperscan *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL) return INTERLOCK_HYPERSCAN_MEMORY;
    scanner->count = rules;
    scanner->gaps = calloc(rules, sizeof *scanner->gaps);
    scanner->newest = calloc(rules, sizeof *scanner->newest);
    unsigned *ids = calloc(count, sizeof *ids);
    unsigned *flags = calloc(count, sizeof *flags);
    enum interlock_hyperscan_result result = INTERLOCK_HYPERSCAN_MEMORY;
    if (scanner->gaps != NULL && scanner->newest != NULL && ids != NULL && flags != NULL) {
        memcpy(scanner->gaps, gaps, rules * sizeof *gaps);
        result = compile(scanner, patterns, texts, count, ids, flags, bad);
    }
    free(ids);
    free(flags);
    if (result != INTERLOCK_HYPERSCAN_OK) {
        interlock_hyperscan_free(scanner);
        return result;
    }
    *out = scanner;
    return result;
}

struct interlock_hyperscan *interlock_hyperscan_share(const struct interlock_hyperscan *scanner) {
    struct interlock_hyperscan *share = calloc(1, sizeof *share);
    if (share == NULL) return NULL;
    share->is_shared = 1;
    share->count = scanner->count;
    share->database = scanner->database;
    share->gaps = calloc(share->count, sizeof *share->gaps);
    share->newest = calloc(share->count, sizeof *share->newest);
    if (share->gaps == NULL || share->newest == NULL ||
        hs_alloc_scratch(share->database, &share->scratch) != HS_SUCCESS) {
        interlock_hyperscan_free(share);
        return NULL;
    }
    memcpy(share->gaps, scanner->gaps, share->count * sizeof *share->gaps);
    return share;
}

// Called for every end of every match. A value other than 0 ends the scan.
static int collect(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)from;
    (void)flags;
    struct collection *all = context;
    const uint32_t end = (uint32_t)to;
    const size_t newest = all->scanner->newest[id];
    if (newest != none) {
        struct interlock_candidate *last = &all->candidates[newest];
        if (end >= last->first_end && end <= last->last_end) return 0;
        if (end > last->last_end && end - last->last_end <= all->scanner->gaps[id]) {
            last->last_end = end;
            return 0;
        }
    }
    if (all->count == all->capacity) {
        all->is_full = 1;
        return 1;
    }
    all->candidates[all->count] = (struct interlock_candidate){id, end, end};
    all->scanner->newest[id] = all->count++;
    return 0;
}

enum interlock_hyperscan_result interlock_hyperscan_scan(struct interlock_hyperscan *scanner, const uint8_t *bytes,
                                                         size_t count, struct interlock_candidate *candidates,
                                                         size_t capacity, size_t *found) {
    struct collection all = {scanner, candidates, capacity, 0, 0};
    *found = 0;
    if (count > INT32_MAX) return INTERLOCK_HYPERSCAN_FAILED;
    for (uint32_t i = 0; i < scanner->count; i++) scanner->newest[i] = none;
    const hs_error_t result =
        hs_scan(scanner->database, (const char *)bytes, (unsigned)count, 0, scanner->scratch, collect, &all);
    *found = all.count;
    if (all.is_full) return INTERLOCK_HYPERSCAN_FULL;
    return result == HS_SUCCESS ? INTERLOCK_HYPERSCAN_OK : INTERLOCK_HYPERSCAN_FAILED;
}

const char *interlock_hyperscan_version(void) { return hs_version(); }

size_t interlock_hyperscan_size(const struct interlock_hyperscan *scanner) {
    size_t size = 0;
    return hs_database_size(scanner->database, &size) == HS_SUCCESS ? size : 0;
}
