// Landlock repeats the table of mounts on paths, for the case that a mount is wrong, and keeps signals and abstract
// sockets inside. Network rights are left alone where the network namespace holds `lo` only. Without namespaces it is the
// wall itself, and the ports are named too.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface, of which Debian 12's header has only the first part.
enum {
    EXECUTE = 1 << 0, WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3,
    REMOVE_DIR = 1 << 4, REMOVE_FILE = 1 << 5, MAKE_CHAR = 1 << 6, MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8, MAKE_SOCK = 1 << 9, MAKE_FIFO = 1 << 10, MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12, REFER = 1 << 13, TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15,
};
enum { SCOPE_ABSTRACT_SOCKETS = 1 << 0, SCOPE_SIGNALS = 1 << 1 };
enum { BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1 };
enum { ASK_VERSION = 1 << 0, PATH_BENEATH = 1, NET_PORT = 2 };
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_IOCTL = 5, ABI_SCOPES = 6 };

struct ruleset_attributes {
    uint64_t files, network, scopes;
};

struct path_rule {
    uint64_t rights;
    int32_t parent;
} __attribute__((packed));

enum {
    READ = READ_FILE | READ_DIR,
    // Not MAKE_CHAR and MAKE_BLOCK: not even the whiteout of an overlay is made by hand.
    WRITE = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER |
            TRUNCATE,
    OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
    DEVICE = READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV,
};

int landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

static uint64_t rights_of(int abi) {
    uint64_t rights = (1 << 13) - 1;
    if (abi >= ABI_REFER) rights |= REFER;
    if (abi >= ABI_TRUNCATE) rights |= TRUNCATE;
    if (abi >= ABI_IOCTL) rights |= IOCTL_DEV;
    return rights;
}

struct port_rule {
    uint64_t rights, port;
};

struct rules {
    int set;
    uint64_t known;  // the rights of this kernel
};

// Permits what lies at and below an open file. Returns 0, or -1 with errno.
static int permit_file(const struct rules *rules, int file, uint64_t rights) {
    struct stat status;
    if (fstat(file, &status) != 0) return -1;
    if (!S_ISDIR(status.st_mode)) rights &= OF_FILES;
    struct path_rule rule = {.rights = rights & rules->known, .parent = file};
    if (rule.rights == 0) return 0;
    return (int)syscall(SYS_landlock_add_rule, rules->set, PATH_BENEATH, &rule, 0);
}

static int permit(const struct rules *rules, const char *path, uint64_t rights) {
    int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return -1;
    return close_with(file, permit_file(rules, file, rights));
}

static int permit_entry(const struct rules *rules, const struct interlock_entry *entry) {
    uint64_t rights = READ;
    switch (entry->tag) {
        case INTERLOCK_SPEC_BIND:
        case INTERLOCK_SPEC_OVERLAY:
        case INTERLOCK_SPEC_TMPFS:
            if (entry->flags & INTERLOCK_MOUNT_WRITABLE) rights |= WRITE;
            if (!(entry->flags & INTERLOCK_MOUNT_NOEXEC)) rights |= EXECUTE;
            break;
        case INTERLOCK_SPEC_FILE:
            if (entry->mode & 0111) rights |= EXECUTE;
            break;
        default: return 0;  // links are followed, and directories are listed, without a right of their own
    }
    return permit(rules, entry->target, rights);
}

static int permit_devices(const struct rules *rules, bool has_terminal) {
    for (size_t i = 0; device_names[i] != NULL; i++) {
        char path[32];
        bool is_terminal = device_names[i + 1] == NULL;
        if (is_terminal && !has_terminal) break;
        snprintf(path, sizeof path, "/dev/%s", device_names[i]);
        if (permit(rules, path, DEVICE) != 0) return -1;
    }
    // The supervisor's pty lies outside, and programs open it again as /dev/stdout.
    return has_terminal ? permit_file(rules, 0, DEVICE) : 0;
}

// The host's tree: nothing of the host is listed, and neither /proc nor another terminal is there.
static int permit_on_host(const struct rules *rules, const struct interlock_spec *spec) {
    for (size_t i = 0; i < spec->port_count; i++) {
        struct port_rule rule = {.rights = CONNECT_TCP, .port = spec->ports[i]};
        if (syscall(SYS_landlock_add_rule, rules->set, NET_PORT, &rule, 0) != 0) return -1;
    }
    return permit_devices(rules, spec->terminal);
}

static int permit_system(const struct rules *rules, const struct sandbox *sandbox) {
    if (permit(rules, "/", READ_DIR) != 0 || permit(rules, "/etc/interlock/sandbox", READ) != 0) return -1;
    if (permit(rules, "/run/secrets", READ) != 0 && errno != ENOENT) return -1;
    if (permit(rules, "/proc", READ | WRITE_FILE | TRUNCATE) != 0) return -1;
    if (permit(rules, "/dev/pts", READ_DIR | DEVICE) != 0) return -1;
    return permit_devices(rules, sandbox->spec.terminal);
}

static int permit_all(const struct rules *rules, const struct sandbox *sandbox) {
    bool is_full = sandbox->spec.isolation == INTERLOCK_ISOLATION_FULL;
    if ((is_full ? permit_system(rules, sandbox) : permit_on_host(rules, &sandbox->spec)) != 0) return -1;
    for (size_t i = 0; i < sandbox->spec.entry_count; i++)
        if (permit_entry(rules, &sandbox->spec.entries[i]) != 0) return -1;
    return 0;
}

int confine_by_landlock(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)entry;
    int abi = landlock_abi();
    if (abi == 0 && (sandbox->spec.allow_missing & INTERLOCK_LAYER_LANDLOCK)) return 0;
    struct ruleset_attributes attributes = {.files = rights_of(abi)};
    if (sandbox->spec.isolation == INTERLOCK_ISOLATION_REDUCED) attributes.network = BIND_TCP | CONNECT_TCP;
    if (abi >= ABI_SCOPES) attributes.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    // An older kernel accepts a longer structure whose unknown part is zero.
    int set = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (set < 0) return -1;
    struct rules rules = {set, attributes.files};
    int result = permit_all(&rules, sandbox);
    if (result == 0) result = (int)syscall(SYS_landlock_restrict_self, set, 0);
    sandbox->landlock = abi;
    return close_with(set, result);
}
