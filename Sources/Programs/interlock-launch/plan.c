// The steps and their order, as two lists, and the loop that performs them.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", NULL};
static const char *const scratch[] = {"/tmp", "/var/tmp", "/dev/shm", NULL};

unsigned long namespaces(bool as_root) {
    // Root sets up the sandbox with its own rights, so that it can reach every path, and enters a user namespace last.
    return CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (as_root ? 0 : CLONE_NEWUSER);
}

const char *namespace_names(bool as_root) {
    return as_root ? "mount, pid and ipc namespaces" : "user, mount, pid and ipc namespaces";
}

static void add(struct plan *plan, enum step_kind kind, const char *path, struct place *place) {
    if (plan->count == STEPS_MAX) fail(EXIT_SETUP, "too many steps", NULL, 0);
    plan->steps[plan->count++] = (struct step){kind, path, place};
}

static bool is_within(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

// Returns whether an earlier step empties the folder that contains a cover, which is then not needed.
static bool is_hidden(const struct options *options, size_t index) {
    const char *path = options->places[index].path;
    for (size_t i = index; i-- > 0;)
        if (is_within(path, options->places[i].path)) return options->places[i].kind == PLACE_COVER;
    for (size_t i = 0; scratch[i] != NULL; i++)
        if (is_within(path, scratch[i])) return true;
    return false;
}

static bool needs_cover(const struct options *options, size_t index) {
    return options->places[index].kind == PLACE_COVER && !is_hidden(options, index);
}

void plan_sandbox(struct plan *plan, struct options *options, bool as_root) {
    if (!as_root) add(plan, STEP_MAP_IDS, NULL, NULL);
    add(plan, STEP_PRIVATE_MOUNTS, NULL, NULL);

    // Every tree that must stay reachable is copied before a mount can hide it.
    for (size_t i = 0; i < options->place_count; i++)
        if (options->places[i].kind != PLACE_COVER)
            add(plan, STEP_COPY_TREE, options->places[i].path, &options->places[i]);
    for (size_t i = 0; devices[i] != NULL; i++) add(plan, STEP_COPY_DEVICE, devices[i], NULL);

    add(plan, STEP_READ_ONLY_ROOT, NULL, NULL);
    add(plan, STEP_PROC, NULL, NULL);
    add(plan, STEP_DEVICES, NULL, NULL);
    for (size_t i = 0; scratch[i] != NULL; i++) add(plan, STEP_SCRATCH, scratch[i], NULL);

    // INVARIANT: places are sorted by length of path, so a parent is mounted before its descendants.
    for (size_t i = 0; i < options->place_count; i++) {
        struct place *place = &options->places[i];
        if (place->kind != PLACE_COVER) add(plan, STEP_ATTACH, place->path, place);
        if (needs_cover(options, i)) add(plan, STEP_COVER, place->path, place);
    }
    for (size_t i = 0; i < options->place_count; i++)
        if (needs_cover(options, i)) add(plan, STEP_SEAL, options->places[i].path, NULL);
    add(plan, STEP_SEAL, "/dev", NULL);

    add(plan, STEP_NEW_KEYRING, NULL, NULL);
    if (as_root) {
        add(plan, STEP_BECOME_NOBODY, NULL, NULL);
        add(plan, STEP_USER_NAMESPACE, NULL, NULL);
    }
    add(plan, STEP_NO_MORE_NAMESPACES, NULL, NULL);
    add(plan, STEP_LIMITS, NULL, NULL);
    add(plan, STEP_DROP_CAPABILITIES, NULL, NULL);
    add(plan, STEP_NO_NEW_PRIVILEGES, NULL, NULL);
    add(plan, STEP_UNDUMPABLE, NULL, NULL);
    add(plan, STEP_NEW_SESSION, NULL, NULL);
    // This follows the last change of identity, because that clears the parent-death signal.
    add(plan, STEP_DIE_WITH_LAUNCHER, NULL, NULL);
}

void plan_command(struct plan *plan) {
    add(plan, STEP_NEW_SESSION, NULL, NULL);
    add(plan, STEP_DEFAULT_SIGNALS, NULL, NULL);
    add(plan, STEP_DIRECTORY, "/", NULL);
    add(plan, STEP_CLOSE_DESCRIPTORS, NULL, NULL);
    add(plan, STEP_FILTER_CALLS, NULL, NULL);
}

static const char *const names[] = {
    [STEP_MAP_IDS] = "map ids",
    [STEP_PRIVATE_MOUNTS] = "private mounts",
    [STEP_COPY_TREE] = "copy tree",
    [STEP_COPY_DEVICE] = "copy device",
    [STEP_READ_ONLY_ROOT] = "read-only root",
    [STEP_PROC] = "mount /proc",
    [STEP_DEVICES] = "mount /dev",
    [STEP_SCRATCH] = "scratch folder",
    [STEP_COVER] = "cover",
    [STEP_ATTACH] = "attach",
    [STEP_SEAL] = "seal",
    [STEP_NEW_KEYRING] = "new keyring",
    [STEP_BECOME_NOBODY] = "become nobody",
    [STEP_USER_NAMESPACE] = "user namespace",
    [STEP_NO_MORE_NAMESPACES] = "no more namespaces",
    [STEP_LIMITS] = "limits",
    [STEP_DROP_CAPABILITIES] = "drop capabilities",
    [STEP_NO_NEW_PRIVILEGES] = "no new privileges",
    [STEP_UNDUMPABLE] = "undumpable",
    [STEP_DIE_WITH_LAUNCHER] = "die with the launcher",
    [STEP_NEW_SESSION] = "new session",
    [STEP_DEFAULT_SIGNALS] = "default signals",
    [STEP_DIRECTORY] = "change directory",
    [STEP_CLOSE_DESCRIPTORS] = "close descriptors",
    [STEP_FILTER_CALLS] = "filter system calls",
};

static int perform(const struct step *step) {
    switch (step->kind) {
        case STEP_MAP_IDS: return map_own_ids();
        case STEP_PRIVATE_MOUNTS: return make_mounts_private();
        case STEP_COPY_TREE: return copy_tree(step->place);
        case STEP_COPY_DEVICE: return copy_device(step->path);
        case STEP_READ_ONLY_ROOT: return make_root_read_only();
        case STEP_PROC: return mount_proc();
        case STEP_DEVICES: return mount_devices();
        case STEP_SCRATCH: return mount_scratch(step->path);
        case STEP_COVER: return cover(step->place);
        case STEP_ATTACH: return attach(step->place);
        case STEP_SEAL: return seal(step->path);
        case STEP_NEW_KEYRING: return new_keyring();
        case STEP_BECOME_NOBODY: return become_nobody();
        case STEP_USER_NAMESPACE: return enter_user_namespace(SANDBOX_ID);
        case STEP_NO_MORE_NAMESPACES: return forbid_user_namespaces();
        case STEP_LIMITS: return limit_resources();
        case STEP_DROP_CAPABILITIES: return drop_capabilities();
        case STEP_NO_NEW_PRIVILEGES: return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        case STEP_UNDUMPABLE: return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        case STEP_DIE_WITH_LAUNCHER: return die_with_launcher();
        case STEP_NEW_SESSION: return setsid() < 0 ? -1 : 0;
        case STEP_DEFAULT_SIGNALS: return default_signals();
        case STEP_DIRECTORY: return chdir(step->path);
        case STEP_CLOSE_DESCRIPTORS: return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        case STEP_FILTER_CALLS: return filter_calls();
    }
    errno = ENOSYS;
    return -1;
}

void perform_plan(const struct plan *plan) {
    for (size_t i = 0; i < plan->count; i++) {
        const struct step *step = &plan->steps[i];
        if (perform(step) != 0) fail(EXIT_SETUP, names[step->kind], step->path, errno);
    }
}
