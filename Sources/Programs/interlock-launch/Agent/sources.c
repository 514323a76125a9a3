// What comes from outside, as detached copies of mounts: taken by descriptor, so that a path that is swapped for a
// symbolic link later changes nothing.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_outside(const char *path) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

int copy_mount(int descriptor) {
    // Recursive: the kernel refuses to separate a mount from what another namespace locked below it.
    return open_tree(descriptor, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

int set_mount(int tree, unsigned flags, unsigned long long attributes) {
    struct mount_attr change = {.attr_set = attributes};
    return mount_setattr(tree, "", AT_EMPTY_PATH | flags, &change, sizeof change);
}

// Copies a file or directory of the host. Anything else (a socket, a device) is an error: it would lead out.
static int copy_outside(const char *path, unsigned long long attributes, bool may_be_file) {
    int found = open_outside(path);
    if (found < 0) return -1;
    struct stat status;
    int tree = -1;
    if (fstat(found, &status) == 0) {
        errno = may_be_file ? EINVAL : ENOTDIR;
        if (S_ISDIR(status.st_mode) || (may_be_file && S_ISREG(status.st_mode))) tree = copy_mount(found);
    }
    close_with(found, 0);
    if (tree >= 0 && set_mount(tree, AT_RECURSIVE, attributes) != 0) return close_with(tree, -1);
    return tree;
}

int open_source(struct sandbox *sandbox, const struct interlock_entry *entry) {
    size_t index = (size_t)(entry - sandbox->spec.entries);
    bool is_bind = entry->tag == INTERLOCK_SPEC_BIND, is_writable = entry->flags & INTERLOCK_MOUNT_WRITABLE;
    unsigned long long attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    if (entry->flags & INTERLOCK_MOUNT_NOEXEC) attributes |= MOUNT_ATTR_NOEXEC;
    // A lower is only read; what is written goes to the layer.
    if (!is_bind || !is_writable) attributes |= MOUNT_ATTR_RDONLY;
    sandbox->trees[index] = copy_outside(entry->source, attributes, is_bind);
    if (sandbox->trees[index] < 0 || map_owner(sandbox->trees[index], sandbox->id_maps[index]) != 0) return -1;
    if (entry->layer == NULL) return 0;
    unsigned long long of_layer = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (is_writable ? 0 : MOUNT_ATTR_RDONLY);
    sandbox->layers[index] = copy_outside(entry->layer, of_layer, false);
    return sandbox->layers[index] < 0 ? -1 : 0;
}

const char *const device_names[] = {"null", "zero", "full", "random", "urandom", "tty", NULL};
int device_trees[sizeof device_names / sizeof device_names[0]];

int open_system_sources(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)entry;
    for (size_t i = 0; device_names[i] != NULL; i++) {
        char path[32];
        bool is_terminal = device_names[i + 1] == NULL;
        device_trees[i] = -1;
        if (is_terminal && !sandbox->spec.terminal) break;
        snprintf(path, sizeof path, "/dev/%s", device_names[i]);
        int found = open_outside(path);
        if (found < 0) return -1;
        device_trees[i] = close_with(found, copy_mount(found));
        if (device_trees[i] < 0 || set_mount(device_trees[i], 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC) != 0) return -1;
    }
    return 0;
}
