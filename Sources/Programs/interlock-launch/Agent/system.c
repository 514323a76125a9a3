// The kernel's own directories inside: /proc and /dev.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int make_proc(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    if (mkdir("/root/proc", 0755) != 0) return -1;
    return mount("proc", "/root/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

// Files that tell of the host or command it, each covered by /dev/null.
const char *const masked_files[] = {"kcore", "keys", "timer_list", "kallsyms", "cmdline", "sysrq-trigger", NULL};

int mask_proc(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    for (size_t i = 0; masked_files[i] != NULL; i++) {
        char path[64];
        snprintf(path, sizeof path, "/root/proc/%s", masked_files[i]);
        int target = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (target < 0) {
            if (errno == ENOENT) continue;  // a kernel built without it
            return -1;
        }
        int tree = copy_mount(device_trees[0]);
        if (tree < 0) return close_with(target, -1);
        if (set_mount(tree, 0, MOUNT_ATTR_RDONLY) != 0) return close_with(target, close_with(tree, -1));
        if (attach_tree(tree, target) != 0) return -1;
    }
    return 0;
}

static int make_links(void) {
    static const struct {
        const char *text, *path;
    } links[] = {
        {"/proc/self/fd", "/root/dev/fd"},        {"/proc/self/fd/0", "/root/dev/stdin"},
        {"/proc/self/fd/1", "/root/dev/stdout"},  {"/proc/self/fd/2", "/root/dev/stderr"},
        {"pts/ptmx", "/root/dev/ptmx"},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (symlink(links[i].text, links[i].path) != 0) return -1;
    return 0;
}

int make_devices(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    if (mkdir("/root/dev", 0755) != 0 || mount_tmpfs("/root/dev", 0755, 1 << 16, 64, MS_NOEXEC, "") != 0) return -1;
    for (size_t i = 0; device_names[i] != NULL && device_trees[i] >= 0; i++) {
        char path[64];
        snprintf(path, sizeof path, "/root/dev/%s", device_names[i]);
        int target = open(path, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
        if (target < 0) return -1;
        if (attach_tree(device_trees[i], target) != 0) return -1;
    }
    return make_links();
}

// Pseudo-terminals of the sandbox alone.
int make_terminals(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    if (mkdir("/root/dev/pts", 0755) != 0 || mkdir("/root/dev/shm", 0755) != 0) return -1;
    return mount("devpts", "/root/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
}

int seal_devices(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    int devices = open_inside("/dev");
    if (devices < 0) return -1;
    return close_with(devices, set_mount(devices, 0, MOUNT_ATTR_RDONLY));
}
