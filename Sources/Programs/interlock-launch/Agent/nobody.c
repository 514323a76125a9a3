// A launcher that root started: the sandbox is set up with the rights of root, so that every listed path can be opened, and
// the command is the user `nobody` of the host. Its user namespace is entered last, so nothing that was set up is its own.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

int prepare_owned(struct sandbox *sandbox) {
    if (!sandbox->spec.nobody) return 0;
    for (size_t i = 0; i < sandbox->spec.entry_count; i++) {
        const struct interlock_entry *entry = &sandbox->spec.entries[i];
        if (entry->tag != INTERLOCK_SPEC_BIND || !(entry->flags & INTERLOCK_MOUNT_OWNED)) continue;
        struct stat status;
        int found = open_outside(entry->source);
        if (found < 0 || close_with(found, fstat(found, &status)) != 0) return -1;
        if (status.st_uid == SANDBOX_ID) continue;
        sandbox->id_maps[i] = open_id_map(status.st_uid, status.st_gid);
        if (sandbox->id_maps[i] < 0) return -1;
    }
    return 0;
}

int map_owner(int tree, int id_map) {
    if (id_map == 0) return 0;
    struct mount_attr map = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)id_map};
    int result = mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &map, sizeof map);
    // A file system that cannot map ids is bound unmapped: its modes then limit `nobody`.
    if (result != 0 && (errno == EINVAL || errno == EPERM)) result = 0;
    return close_with(id_map, result);
}

const char *owner_options(const struct sandbox *sandbox) {
    return sandbox->spec.nobody ? ",uid=65534,gid=65534" : "";
}

int give_to_command(const struct sandbox *sandbox, int file) {
    return sandbox->spec.nobody ? fchown(file, SANDBOX_ID, SANDBOX_ID) : 0;
}

// Without NOBODY the ids were mapped by the launcher, before the first step.
int take_identity(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)entry;
    if (!sandbox->spec.nobody) return 0;
    if (become_nobody() != 0 || enter_user_namespace(INTERLOCK_INSIDE_ID) != 0) return -1;
    // A change of identity clears the signal of the parent's end.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -1;
    struct pollfd end = {.fd = sandbox->launcher};
    if (poll(&end, 1, 0) != 0) _exit(INTERLOCK_EXIT_SETUP);
    return close(sandbox->launcher);
}
