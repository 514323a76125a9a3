// The root under construction. The first pivot enters a scaffold that holds the host's tree (/old), the new root
// (/root) and the layers of overlays under short names, because mount options show their paths inside; the second one
// leaves it.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROOT_BYTES = 8 << 20, ROOT_INODES = 16384 };  // for files of the specification and secrets alone

static int root = -1;

int mount_tmpfs(const char *path, unsigned mode, unsigned long long bytes, unsigned inodes, unsigned long flags,
                const char *owner) {
    char options[128];
    snprintf(options, sizeof options, "mode=%o,size=%llu,nr_inodes=%u%s", mode, bytes, inodes, owner);
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | flags, options);
}

static int change_root(const char *directory, const char *old) {
    if (chdir(directory) != 0) return -1;
    return syscall(SYS_pivot_root, ".", old) == 0 ? 0 : -1;
}

int mount_scaffold(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    if (mount_tmpfs("/tmp", 0755, 1 << 20, 1024, MS_NOEXEC, "") != 0) return -1;
    if (mkdir("/tmp/old", 0755) != 0 || mkdir("/tmp/root", 0755) != 0 || mkdir("/tmp/e", 0755) != 0) return -1;
    if (change_root("/tmp", "old") != 0 || chdir("/") != 0) return -1;
    if (mount_tmpfs("/root", 0755, ROOT_BYTES, ROOT_INODES, 0, "") != 0) return -1;
    root = open("/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? -1 : 0;
}

static int open_below(const char *path, unsigned long long flags) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, root, path[0] == '\0' ? "." : path, &how, sizeof how);
}

int open_inside(const char *path) { return open_below(path + 1, O_PATH); }

// Makes the directories above the last component; those that exist stay as they are.
static int make_parents(const char *path) {
    char prefix[PATH_BYTES_MAX];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path);
        memcpy(prefix, path, length);
        prefix[length] = '\0';
        if (mkdirat(root, prefix, 0755) != 0 && errno != EEXIST) return -1;
    }
    return 0;
}

int open_parent(const char *path, bool may_make, const char **name) {
    char folder[PATH_BYTES_MAX];
    const char *last = strrchr(path, '/');
    size_t length = last == path ? 0 : (size_t)(last - path) - 1;
    memcpy(folder, path + 1, length);
    folder[length] = '\0';
    *name = last + 1;
    int found = open_below(folder, O_PATH | O_DIRECTORY);
    if (found >= 0 || errno != ENOENT || !may_make) return found;
    return make_parents(path + 1) != 0 ? -1 : open_below(folder, O_PATH | O_DIRECTORY);
}

int attach_tree(int tree, int target) {
    int result = move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    return close_with(target, close_with(tree, result));
}

int seal_root(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    return set_mount(root, 0, MOUNT_ATTR_RDONLY);
}

int enter_root(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    if (umount2("/old", MNT_DETACH) != 0) return -1;
    // The scaffold comes to lie on top of the new root, and is taken away with the layers in it.
    if (change_root("/root", ".") != 0 || umount2(".", MNT_DETACH) != 0) return -1;
    close(root);
    return chdir("/");
}
