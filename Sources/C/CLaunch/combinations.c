#include "combinations.h"

#include <string.h>

static bool is_for_bubblewrap(const struct interlock_spec *spec) {
    for (size_t i = 0; i < spec->entry_count; i++) {
        const struct interlock_entry *entry = &spec->entries[i];
        if (entry->tag == INTERLOCK_SPEC_OVERLAY) return false;
        // It would make the mount point on the host.
        if (entry->parent >= 0 && spec->entries[entry->parent].tag == INTERLOCK_SPEC_BIND) return false;
    }
    return !spec->cgroup;
}

// Whether the file tree is the host's, of which the entries name parts.
static bool is_of_host(const struct interlock_spec *spec) {
    for (size_t i = 0; i < spec->entry_count; i++) {
        const struct interlock_entry *entry = &spec->entries[i];
        if (entry->tag != INTERLOCK_SPEC_BIND || strcmp(entry->source, entry->target) != 0) return false;
    }
    return true;
}

bool is_combination(const struct interlock_spec *spec) {
    if (spec->port_count > 0 && spec->network != INTERLOCK_NETWORK_PORTS) return false;
    if (spec->backend == INTERLOCK_BACKEND_BWRAP && !is_for_bubblewrap(spec)) return false;
    if ((spec->nobody || spec->program) &&
        (spec->isolation != INTERLOCK_ISOLATION_FULL || spec->backend != INTERLOCK_BACKEND_OWN))
        return false;
    switch (spec->isolation) {
        case INTERLOCK_ISOLATION_FULL:
            return spec->network == INTERLOCK_NETWORK_NONE || spec->network == INTERLOCK_NETWORK_PROXY ||
                   (spec->network == INTERLOCK_NETWORK_HOST && spec->backend == INTERLOCK_BACKEND_OWN);
        case INTERLOCK_ISOLATION_REDUCED:
            return (spec->network == INTERLOCK_NETWORK_NONE || spec->network == INTERLOCK_NETWORK_PORTS) &&
                   spec->backend == INTERLOCK_BACKEND_OWN && spec->allow_missing == 0 && is_of_host(spec);
        case INTERLOCK_ISOLATION_NONE:
            return spec->network == INTERLOCK_NETWORK_HOST && spec->backend == INTERLOCK_BACKEND_OWN &&
                   spec->entry_count == 0;
        default: return false;
    }
}
