#ifndef INTERLOCK_BENEATH_H
#define INTERLOCK_BENEATH_H
// Access to the trees of a workspace by descriptors, which no symbolic link leads elsewhere: openat2(2), whiteouts of an
// overlay, extended attributes.
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

// Opens a path below a directory: no link in any component, not even the last, and no way above the directory. Returns
// a descriptor, or -1 with errno: ELOOP for a link, EXDEV for a way out.
static inline int interlock_open_beneath(int directory, const char *path, int flags, unsigned int mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)flags | O_CLOEXEC;
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

// Opens an absolute path without a link in any component.
static inline int interlock_open_unlinked(const char *path, int flags) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)flags | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

// Makes a whiteout: a character device 0:0, which needs no privilege.
static inline int interlock_make_whiteout(int directory, const char *name) {
    return mknodat(directory, name, S_IFCHR, makedev(0, 0));
}

static inline int interlock_is_whiteout(const struct stat *status) {
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

// Sets the permission bits of what an O_PATH descriptor refers to.
static inline int interlock_chmod_path(int descriptor, unsigned int mode) {
    char path[40] = "/proc/self/fd/";
    size_t end = strlen(path);
    char digits[12];
    int count = 0;
    for (int rest = descriptor; count == 0 || rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
    while (count > 0) path[end++] = digits[--count];
    return chmod(path, mode);
}

// RENAME_NOREPLACE, which glibc defines only under _GNU_SOURCE.
static const unsigned int interlock_rename_noreplace = 1;
#endif
