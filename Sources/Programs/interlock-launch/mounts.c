// The file tree inside. Each function is one step; it returns 0, or -1 with errno.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEVICES_MAX = 8 };

static struct {
    const char *path;
    int tree;
} devices[DEVICES_MAX];
static size_t device_count;

static int set_attributes(int fd, const char *path, unsigned flags, unsigned long long set) {
    struct mount_attr attributes = {.attr_set = set};
    return mount_setattr(fd, path, flags, &attributes, sizeof attributes);
}

static int open_copy(const char *path) {
    return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

int make_mounts_private(void) { return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL); }

int copy_tree(struct place *place) {
    int tree = open_copy(place->path);
    if (tree < 0) return -1;
    if (set_attributes(tree, "", AT_EMPTY_PATH | AT_RECURSIVE,
                       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY) != 0)
        return -1;
    if (place->id_map >= 0) {
        struct mount_attr map = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)place->id_map};
        // A file system that cannot map ids (EINVAL) is bound unmapped: its modes then limit the user `nobody`.
        if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &map, sizeof map) != 0 && errno != EINVAL &&
            errno != EPERM)
            return -1;
        close(place->id_map);
        place->id_map = -1;
    }
    place->tree = tree;
    return 0;
}

int copy_device(const char *path) {
    if (device_count == DEVICES_MAX) {
        errno = ENOSPC;
        return -1;
    }
    int tree = open_copy(path);
    if (tree < 0) return -1;
    devices[device_count].path = path;
    devices[device_count++].tree = tree;
    return 0;
}

int make_root_read_only(void) {
    return set_attributes(AT_FDCWD, "/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

int mount_proc(void) { return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); }

static int move_tree(int tree, const char *path) {
    int result = move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
    if (result == 0) close(tree);
    return result;
}

static int make_file(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    return fd < 0 ? -1 : close(fd);
}

int mount_devices(void) {
    if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k,nr_inodes=64,mode=0755") != 0) return -1;
    for (size_t i = 0; i < device_count; i++) {
        if (make_file(devices[i].path) != 0) return -1;
        if (set_attributes(devices[i].tree, "", AT_EMPTY_PATH, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC) != 0) return -1;
        if (move_tree(devices[i].tree, devices[i].path) != 0) return -1;
    }
    if (symlink("/proc/self/fd", "/dev/fd") != 0 || symlink("/proc/self/fd/0", "/dev/stdin") != 0 ||
        symlink("/proc/self/fd/1", "/dev/stdout") != 0 || symlink("/proc/self/fd/2", "/dev/stderr") != 0)
        return -1;
    if (mkdir("/dev/shm", 0755) != 0) return -1;
    return chmod("/dev/shm", 01777);
}

int mount_scratch(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) return errno == ENOENT ? 0 : -1;
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64m,nr_inodes=16384,mode=1777");
}

// Covers a folder with an empty one, and any other file with a device node that cannot be opened (nodev).
int cover(const struct place *place) {
    struct stat status;
    if (stat(place->path, &status) != 0) return -1;
    if (S_ISDIR(status.st_mode))
        return mount("tmpfs", place->path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                     "size=1m,nr_inodes=4096,mode=0755");
    int tree = open_copy("/dev/null");
    if (tree < 0) return -1;
    if (set_attributes(tree, "", AT_EMPTY_PATH, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY) != 0)
        return -1;
    return move_tree(tree, place->path);
}

static int make_parents(const char *path) {
    char prefix[PATH_BYTES_MAX];
    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path);
        memcpy(prefix, path, length);
        prefix[length] = '\0';
        if (mkdir(prefix, 0755) == 0) {
            if (chmod(prefix, 0755) != 0) return -1;
        } else if (errno != EEXIST && errno != EROFS) {
            return -1;
        }
    }
    return 0;
}

// Makes the mount point if a cover hides it.
static int make_mount_point(const char *path, bool folder) {
    struct stat status;
    if (stat(path, &status) == 0) return 0;
    if (errno != ENOENT || make_parents(path) != 0) return -1;
    return folder ? mkdir(path, 0755) : make_file(path);
}

int attach(const struct place *place) {
    struct stat status;
    if (fstatat(place->tree, "", &status, AT_EMPTY_PATH) != 0) return -1;
    if (make_mount_point(place->path, S_ISDIR(status.st_mode)) != 0) return -1;
    return move_tree(place->tree, place->path);
}

int seal(const char *path) { return set_attributes(AT_FDCWD, path, 0, MOUNT_ATTR_RDONLY); }
