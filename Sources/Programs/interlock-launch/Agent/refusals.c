// The observations that say that this host cannot isolate the command, each with its reason (docs/specs/sandbox.md,
// section 10). Every other failure is a failed step.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool is_kernel_too_old(void) {
    struct utsname name;
    int major = 0, minor = 0;
    if (uname(&name) != 0 || sscanf(name.release, "%d.%d", &major, &minor) != 2) return true;
    return major < 5 || (major == 5 && minor < 12);
}

static bool has_seccomp(void) {
    unsigned action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

const char *refusal_of_host(const struct interlock_spec *spec) {
    bool is_root = geteuid() == 0 || getuid() == 0;
    if (is_root != (spec->nobody != 0)) return "root";
    if (access("/etc/interlock/sandbox", F_OK) == 0) return "nested";
    if (is_kernel_too_old()) return "kernel-too-old";
    if (spec->isolation == INTERLOCK_ISOLATION_NONE) return NULL;
    if (!has_seccomp()) return "no-seccomp";
    int least = spec->isolation == INTERLOCK_ISOLATION_REDUCED ? INTERLOCK_REDUCED_LANDLOCK : 1;
    if (!(spec->allow_missing & INTERLOCK_LAYER_LANDLOCK) && landlock_abi() < least) return "no-landlock";
    return NULL;
}

const char *refusal_of_clone(int error, bool has_clone3, bool into_cgroup) {
    if (error == EPERM) return has_clone3 ? "userns-denied" : "container-filter";
    if (error == ENOSPC || error == EUSERS) return "userns-limit";
    // The other errors of a new user namespace do not depend on the cgroup.
    if (into_cgroup && (error == EACCES || error == EBADF || error == EBUSY || error == ENODEV || error == EOPNOTSUPP))
        return "no-cgroup";
    return NULL;
}

// A container's filter hides clone3, and bubblewrap, which uses clone, cannot say so.
static const char *denied_namespace(void) {
    return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS ? "container-filter" : "userns-denied";
}

const char *refusal_of_bubblewrap(const char *messages) {
    // What it does with the capabilities of a new user namespace, which AppArmor can withhold.
    static const char *const privileged[] = {"Creating new namespace failed: ", "unshare user ns: ", "setting up uid map: ",
                                             "error writing to setgroups: ", "loopback: Failed ",
                                             "Failed to make / slave: ", "Failed to make old root rprivate: ", NULL};
    static const char *const limits[] = {"(ENOSPC)", "unshare user ns: No space left on device", NULL};
    bool is_denied = strstr(messages, ": Operation not permitted") != NULL || strstr(messages, ": Permission denied") != NULL;
    if (strstr(messages, "No permissions to creat") != NULL) return denied_namespace();
    for (size_t i = 0; is_denied && privileged[i] != NULL; i++)
        if (strstr(messages, privileged[i]) != NULL) return denied_namespace();
    for (size_t i = 0; limits[i] != NULL; i++)
        if (strstr(messages, limits[i]) != NULL) return "userns-limit";
    if (strstr(messages, "mount proc on ") != NULL && strstr(messages, "Operation not permitted") != NULL)
        return "proc-masked";
    // One that is too old to take sources by descriptor.
    return strstr(messages, "Unknown option") != NULL ? "no-bwrap" : NULL;
}

static bool is_among(const char *step, const char *const *steps) {
    for (; *steps != NULL; steps++)
        if (strcmp(step, *steps) == 0) return true;
    return false;
}

const char *refusal_of_step(const char *step, int error) {
    // AppArmor can permit the namespace and withhold its capabilities.
    static const char *const privileged[] = {"map-ids", "loopback", "host-name", "private-mounts", "scaffold", "identity", NULL};
    bool is_denied = error == EPERM || error == EACCES;
    if (is_denied && is_among(step, privileged)) return "userns-denied";
    if (strcmp(step, "proc") == 0 && error == EPERM) return "proc-masked";
    if (strcmp(step, "overlay") == 0 && (error == ENODEV || error == EPERM)) return "no-overlay";
    if (strcmp(step, "landlock") == 0 && (error == ENOSYS || error == EOPNOTSUPP)) return "no-landlock";
    if (strcmp(step, "filter-calls") == 0 && error == ENOSYS) return "no-seccomp";
    return NULL;
}
