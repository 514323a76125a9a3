#include "targets.h"

#include <stdlib.h>
#include <string.h>

// What the launcher makes itself.
static const char *const own[] = {"/proc", "/dev", "/run/secrets", "/etc/interlock/sandbox", "/etc/interlock/launch"};

static bool is_within(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

// An empty directory of the sandbox alone: what is made inside changes nothing on the host.
static bool is_own_folder(const struct interlock_entry *entry) {
    return entry->tag == INTERLOCK_SPEC_TMPFS || entry->tag == INTERLOCK_SPEC_FOLDER;
}

static bool is_mount(const struct interlock_entry *entry) {
    return entry->tag == INTERLOCK_SPEC_BIND || entry->tag == INTERLOCK_SPEC_OVERLAY ||
           entry->tag == INTERLOCK_SPEC_TMPFS;
}

static bool is_free(const struct interlock_entry *entry) {
    if (entry->tag == INTERLOCK_SPEC_TMPFS && strcmp(entry->target, "/dev/shm") == 0) return true;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (is_within(entry->target, own[i])) return false;
        if (is_within(own[i], entry->target) && !is_own_folder(entry)) return false;
    }
    return true;
}

static bool may_lie_in(const struct interlock_entry *entry, const struct interlock_entry *parent) {
    return is_own_folder(parent) || (is_mount(parent) && is_mount(entry));
}

// Orders paths so that what lies below a folder follows it at once: a slash sorts before every other byte.
static int by_components(const void *a, const void *b) {
    const char *first = (*(struct interlock_entry *const *)a)->target;
    const char *second = (*(struct interlock_entry *const *)b)->target;
    while (*first != '\0' && *first == *second) first++, second++;
    if (*first == *second) return 0;
    if (*first == '\0' || *second == '\0') return *first == '\0' ? -1 : 1;
    if (*first == '/' || *second == '/') return *first == '/' ? -1 : 1;
    return (unsigned char)*first < (unsigned char)*second ? -1 : 1;
}

bool find_parents(struct interlock_entry *entries, size_t count) {
    struct interlock_entry *sorted[INTERLOCK_SPEC_RECORDS_MAX];
    for (size_t i = 0; i < count; i++) sorted[i] = &entries[i];
    if (count > 0) qsort(sorted, count, sizeof sorted[0], by_components);
    int above = -1;  // the last entry, then upwards by its parents
    for (size_t i = 0; i < count; i++) {
        struct interlock_entry *entry = sorted[i];
        if (!is_free(entry)) return false;
        while (above >= 0 && !is_within(entry->target, entries[above].target)) above = entries[above].parent;
        if (above >= 0) {
            if (strcmp(entry->target, entries[above].target) == 0) return false;
            if (&entries[above] > entry || !may_lie_in(entry, &entries[above])) return false;
        }
        entry->parent = above;
        above = (int)(entry - entries);
    }
    return true;
}
