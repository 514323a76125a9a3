// The mounts of the specification.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

// A mount point that does not exist is made only in directories of the sandbox: in a bind or an overlay it would be
// made on the host, or in the reviewed layer.
static bool may_make(const struct sandbox *sandbox, const struct interlock_entry *entry) {
    if (entry->parent < 0) return true;
    enum interlock_spec_tag parent = sandbox->spec.entries[entry->parent].tag;
    return parent == INTERLOCK_SPEC_TMPFS || parent == INTERLOCK_SPEC_FOLDER;
}

static int make_file_point(int folder, const char *name) {
    int file = openat(folder, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0644);
    return file < 0 ? -1 : close(file);
}

// Opens the mount point of an entry, which it makes if it may.
static int open_point(const struct sandbox *sandbox, const struct interlock_entry *entry, bool is_folder) {
    int found = open_inside(entry->target);
    if (found >= 0 || errno != ENOENT || !may_make(sandbox, entry)) return found;
    const char *name;
    int folder = open_parent(entry->target, true, &name);
    if (folder < 0) return -1;
    int result = is_folder ? mkdirat(folder, name, 0755) : make_file_point(folder, name);
    if (close_with(folder, result) != 0) return -1;
    return open_inside(entry->target);
}

static int attach_entry(const struct sandbox *sandbox, const struct interlock_entry *entry, int tree) {
    struct stat status;
    if (fstat(tree, &status) != 0) return close_with(tree, -1);
    int point = open_point(sandbox, entry, S_ISDIR(status.st_mode));
    return point < 0 ? close_with(tree, -1) : attach_tree(tree, point);
}

int make_bind(struct sandbox *sandbox, const struct interlock_entry *entry) {
    return attach_entry(sandbox, entry, sandbox->trees[entry - sandbox->spec.entries]);
}

// Attaches a tree to a new directory of the scaffold.
static int attach_short(int tree, const char *path) {
    if (mkdir(path, 0755) != 0) return -1;
    int target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return target < 0 ? -1 : attach_tree(tree, target);
}

#define OPTIONS "userxattr,index=off,metacopy=off,xino=off,"

int make_overlay(struct sandbox *sandbox, const struct interlock_entry *entry) {
    size_t index = (size_t)(entry - sandbox->spec.entries);
    bool is_writable = entry->flags & INTERLOCK_MOUNT_WRITABLE;
    char lower[16], upper[16], options[160];
    snprintf(lower, sizeof lower, "/l%zu", index);
    snprintf(upper, sizeof upper, "/u%zu", index);
    if (attach_short(sandbox->trees[index], lower) != 0) return -1;
    if (entry->layer != NULL && attach_short(sandbox->layers[index], upper) != 0) return -1;
    // The kernel takes one lower alone only with an upper; /e is empty.
    if (is_writable)
        snprintf(options, sizeof options, OPTIONS "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", lower, upper, upper);
    else if (entry->layer != NULL)
        snprintf(options, sizeof options, OPTIONS "lowerdir=%s/upper:%s", upper, lower);
    else
        snprintf(options, sizeof options, OPTIONS "lowerdir=%s:/e", lower);
    int point = open_point(sandbox, entry, true);
    if (point < 0) return -1;
    char path[32];
    snprintf(path, sizeof path, "/root/proc/self/fd/%d", point);
    unsigned long flags = MS_NOSUID | MS_NODEV | (is_writable ? 0 : MS_RDONLY);
    return close_with(point, mount("overlay", path, "overlay", flags, options));
}

int make_tmpfs(struct sandbox *sandbox, const struct interlock_entry *entry) {
    int point = open_point(sandbox, entry, true);
    if (point < 0) return -1;
    char path[32];
    snprintf(path, sizeof path, "/root/proc/self/fd/%d", point);
    unsigned long flags = entry->flags & INTERLOCK_MOUNT_NOEXEC ? MS_NOEXEC : 0;
    const char *owner = owner_options(sandbox);
    return close_with(point, mount_tmpfs(path, entry->mode, entry->bytes, entry->inodes, flags, owner));
}
