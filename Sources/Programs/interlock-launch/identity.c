// The command's identity, and the loss of its privileges. Each function is one step; it returns 0, or -1 with errno.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t length = (ssize_t)strlen(text);
    ssize_t written = write(fd, text, (size_t)length);
    int error = errno;
    close(fd);
    errno = written < 0 ? error : EIO;
    return written == length ? 0 : -1;
}

// Writes one line of a uid_map or gid_map: one id, which is `inside` in the namespace and `outside` on the host.
static int write_map(const char *path, unsigned inside, unsigned outside) {
    char line[64];
    snprintf(line, sizeof line, "%u %u 1\n", inside, outside);
    return write_text(path, line);
}

// The ids of the caller, as they are inside and outside.
static int map_ids(unsigned uid, unsigned gid, unsigned outer_uid, unsigned outer_gid) {
    // The kernel accepts a gid_map from an unprivileged process only after this.
    if (write_text("/proc/self/setgroups", "deny") != 0) return -1;
    if (write_map("/proc/self/uid_map", uid, outer_uid) != 0) return -1;
    return write_map("/proc/self/gid_map", gid, outer_gid);
}

// The ids outside, read before the namespace hides them.
static unsigned caller_uid, caller_gid;

__attribute__((constructor)) static void remember_caller(void) {
    caller_uid = geteuid();
    caller_gid = getegid();
}

int map_own_ids(void) { return map_ids(caller_uid, caller_gid, caller_uid, caller_gid); }

int become_nobody(void) {
    if (setgroups(0, NULL) != 0) return -1;
    if (setresgid(SANDBOX_ID, SANDBOX_ID, SANDBOX_ID) != 0) return -1;
    return setresuid(SANDBOX_ID, SANDBOX_ID, SANDBOX_ID);
}

int enter_user_namespace(unsigned inside) {
    if (unshare(CLONE_NEWUSER) != 0) return -1;
    // A process that changed its identity is not dumpable, and its /proc files belong to root.
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return -1;
    return map_ids(inside, inside, SANDBOX_ID, SANDBOX_ID);
}

int forbid_user_namespaces(void) { return write_text("/proc/sys/user/max_user_namespaces", "0"); }

int new_keyring(void) {
    // A kernel without keyrings cannot share one.
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS) return -1;
    return 0;
}

int drop_capabilities(void) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return -1;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return -1;
    if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                     SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
              0, 0, 0) != 0)
        return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return (int)syscall(SYS_capset, &header, none);
}

int open_id_map(unsigned uid, unsigned gid) {
    pid_t holder = start_process(CLONE_NEWUSER);
    if (holder < 0) return -1;
    if (holder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) pause();
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/uid_map", holder);
    int result = write_map(path, uid, SANDBOX_ID);
    snprintf(path, sizeof path, "/proc/%d/gid_map", holder);
    if (result == 0) result = write_map(path, gid, SANDBOX_ID);
    snprintf(path, sizeof path, "/proc/%d/ns/user", holder);
    if (result == 0) result = open(path, O_RDONLY | O_CLOEXEC);
    int error = errno;
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    errno = error;
    return result;
}

int prepare_id_maps(struct options *options) {
    for (size_t i = 0; i < options->place_count; i++) {
        struct place *place = &options->places[i];
        struct stat status;
        if (place->kind == PLACE_COVER) continue;
        if (stat(place->path, &status) != 0) fail(EXIT_SETUP, "look at", place->path, errno);
        if (status.st_uid == SANDBOX_ID) continue;
        place->id_map = open_id_map(status.st_uid, status.st_gid);
        if (place->id_map < 0) return -1;
    }
    return 0;
}
