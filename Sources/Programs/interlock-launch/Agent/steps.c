// The steps and their order, as lists, and the loop that performs them.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRY const struct interlock_entry *entry __attribute__((unused))
#define SANDBOX struct sandbox *sandbox __attribute__((unused))

static int await_ids(SANDBOX, ENTRY) {
    char byte;
    ssize_t count;
    do count = read(sandbox->launcher, &byte, 1);
    while (count < 0 && errno == EINTR);
    if (count == 0) errno = EPIPE;
    return count == 1 ? 0 : -1;
}

// Dies with the launcher: safe because the launcher has one thread (the signal follows the thread that started this
// process). The pipe tells of a launcher that ended before this call.
static int follow_launcher(SANDBOX, ENTRY) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -1;
    struct pollfd end = {.fd = sandbox->launcher};
    if (poll(&end, 1, 0) != 0) _exit(INTERLOCK_EXIT_SETUP);
    // Watched again after the change of identity.
    return sandbox->spec.nobody ? 0 : close(sandbox->launcher);
}

static int raise_lo(SANDBOX, ENTRY) { return sandbox->spec.network == INTERLOCK_NETWORK_HOST ? 0 : raise_loopback(); }
static int set_host_name(SANDBOX, ENTRY) { return sethostname("sandbox", 7); }
static int replace_keyring(SANDBOX, ENTRY) { return new_keyring(); }
static int make_private(SANDBOX, ENTRY) { return make_mounts_private(); }
static int drop_all(SANDBOX, ENTRY) { return drop_capabilities(); }
static int gain_nothing(SANDBOX, ENTRY) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
static int hide_memory(SANDBOX, ENTRY) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Overwrites the arguments, which /proc/1/cmdline shows, and the name of the process.
static int wipe_arguments(SANDBOX, ENTRY) {
    for (char **text = sandbox->program_arguments; *text != NULL; text++) memset(*text, 0, strlen(*text));
    return prctl(PR_SET_NAME, "sandbox", 0, 0, 0);
}

// bubblewrap has taken the capabilities; a bounding set without one gives none back, as no new rights are gained.
static int require_no_capability(SANDBOX, ENTRY) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, held) != 0) return -1;
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        if ((held[i].effective | held[i].permitted | held[i].inheritable) != 0) {
            errno = EPERM;
            return -1;
        }
    return 0;
}

static int become_subreaper(SANDBOX, ENTRY) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ? -1 : require_descendants();
}

static int leave_handover(SANDBOX, ENTRY) { return close(INTERLOCK_HANDOVER_DESCRIPTOR); }

static const struct agent_step sandbox_steps[] = {
    {"await-ids", await_ids},
    {"follow-launcher", follow_launcher},
    {"loopback", raise_lo},
    {"listeners", hand_out_listeners},
    {"host-name", set_host_name},
    {"keyring", replace_keyring},
    {"private-mounts", make_private},
    {"system-sources", open_system_sources},
};

// What stays outside is opened before the first mount can hide it.
static const struct agent_step source_step = {"source", open_source};

static const struct agent_step root_steps[] = {
    {"scaffold", mount_scaffold},
    {"proc", make_proc},
    {"proc-masks", mask_proc},
    {"devices", make_devices},
    {"terminals", make_terminals},
};

// By the difference of the tag to INTERLOCK_SPEC_BIND.
static const struct agent_step entry_steps[] = {
    {"bind", make_bind}, {"overlay", make_overlay}, {"tmpfs", make_tmpfs},
    {"symlink", make_symlink}, {"file", make_file}, {"folder", make_folder},
};

static const struct agent_step last_steps[] = {
    {"run-file", make_run_file},
    {"secrets", make_secrets},
    {"seal-devices", seal_devices},
    {"seal-root", seal_root},
    {"enter-root", enter_root},
    {"identity", take_identity},
    {"wipe-arguments", wipe_arguments},
    {"capabilities", drop_all},
    {"no-new-privileges", gain_nothing},
    {"undumpable", hide_memory},
};

// pid 1 of bubblewrap's namespaces.
static const struct agent_step inner_steps[] = {
    {"send-pidfd", send_pidfd},
    {"await-ids", await_ids},
    {"follow-launcher", follow_launcher},
    {"listeners", hand_out_listeners},
    {"keyring", replace_keyring},
    {"wipe-arguments", wipe_arguments},
    {"no-capability", require_no_capability},
    {"no-new-privileges", gain_nothing},
    {"undumpable", hide_memory},
};

// The process above a command without namespaces.
static const struct agent_step host_steps[] = {
    {"await-ids", await_ids},
    {"subreaper", become_subreaper},
    {"leave-handover", leave_handover},
    {"keyring", replace_keyring},
    {"no-new-privileges", gain_nothing},
    {"undumpable", hide_memory},
};

static int start_session(SANDBOX, ENTRY) { return setsid() < 0 ? -1 : 0; }

static int take_terminal(SANDBOX, ENTRY) { return sandbox->spec.terminal ? ioctl(0, TIOCSCTTY, 0) : 0; }

static int reset_signals(SANDBOX, ENTRY) { return default_signals(); }

static int enter_directory(SANDBOX, ENTRY) { return chdir(sandbox->spec.directory); }

static int lower_limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return -1;
    if (limit.rlim_max > value) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

// The kernel neither writes a core file nor starts the program of core_pattern, which runs as the host's root on the
// memory of what crashed. A limit of 0 would start that program, so the filter keeps this one from being lowered.
enum { NO_CORE = 1 };

static int set_limits(SANDBOX, ENTRY) {
    static const struct {
        int resource;
        uint64_t value;
    } always[] = {{RLIMIT_CORE, NO_CORE}, {RLIMIT_MEMLOCK, 65536}, {RLIMIT_MSGQUEUE, 0},
                  {RLIMIT_RTPRIO, 0},   {RLIMIT_NICE, 0},        {RLIMIT_NPROC, 512},
                  {RLIMIT_NOFILE, 4096}};
    static const int resources[INTERLOCK_RLIMIT_KINDS] = {
        [INTERLOCK_RLIMIT_PROCESSES] = RLIMIT_NPROC, [INTERLOCK_RLIMIT_FILES] = RLIMIT_NOFILE,
        [INTERLOCK_RLIMIT_FILE_SIZE] = RLIMIT_FSIZE, [INTERLOCK_RLIMIT_MEMORY] = RLIMIT_AS,
        [INTERLOCK_RLIMIT_CPU] = RLIMIT_CPU,
    };
    const struct interlock_spec *spec = &sandbox->spec;
    // Counted for each user namespace: without one of its own, the user's other tasks count too.
    bool is_shared = spec->isolation != INTERLOCK_ISOLATION_FULL;
    uint64_t others = is_shared ? count_own_tasks() : 0;
    for (int kind = INTERLOCK_RLIMIT_PROCESSES; kind < INTERLOCK_RLIMIT_KINDS; kind++)
        if (spec->has_rlimit[kind] &&
            lower_limit(resources[kind], spec->rlimits[kind] + (resources[kind] == RLIMIT_NPROC ? others : 0)) != 0)
            return -1;
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        bool is_set = (always[i].resource == RLIMIT_NPROC && spec->has_rlimit[INTERLOCK_RLIMIT_PROCESSES]) ||
                      (always[i].resource == RLIMIT_NOFILE && spec->has_rlimit[INTERLOCK_RLIMIT_FILES]);
        uint64_t value = always[i].value + (always[i].resource == RLIMIT_NPROC ? others : 0);
        if (!is_set && lower_limit(always[i].resource, value) != 0) return -1;
    }
    return 0;
}

extern char **environ;

// Only this process, which becomes the command, ever holds the values.
static int take_environment(SANDBOX, ENTRY) {
    static struct interlock_environment environment;
    if (read_environment(&environment) != 0) return -1;
    environ = (char **)environment.variables;
    return leave_environment();
}

static struct sock_fprog filter;

static int open_filter(SANDBOX, ENTRY) { return map_filter(&filter); }

// With the execution: the reports go through one of them until then.
static int close_descriptors(SANDBOX, ENTRY) { return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); }

static int filter_command(SANDBOX, ENTRY) {
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

static const struct agent_step command_steps[] = {
    {"session", start_session},
    {"terminal", take_terminal},
    {"signals", reset_signals},
    {"directory", enter_directory},
    {"take-environment", take_environment},
};

static const struct agent_step first_walls[] = {
    {"open-filter", open_filter},
    {"landlock", confine_by_landlock},
};

static const struct agent_step end_steps[] = {
    {"limits", set_limits},
    {"close-descriptors", close_descriptors},
};

static const struct agent_step last_walls[] = {
    {"filter-calls", filter_command},
};

#ifdef INTERLOCK_LAUNCH_FAULTS
#include "faults.h"
#else
static bool is_left_out(const char *name) { return name == NULL; }
static void inject(const char *name, int *result) { (void)name, (void)result; }
#endif

static void perform(struct sandbox *sandbox, const struct agent_step *step, const struct interlock_entry *entry) {
    if (is_left_out(step->name)) return;
    int result = step->perform(sandbox, entry);
    inject(step->name, &result);
    if (result == 0) return;
    int error = errno;
    const char *reason = refusal_of_step(step->name, error);
    send_report(sandbox->report, reason == NULL ? REPORT_FAILED : REPORT_REFUSED, error, step->name, reason);
    _exit(INTERLOCK_EXIT_SETUP);
}

static void perform_all(struct sandbox *sandbox, const struct agent_step *steps, size_t count) {
    for (size_t i = 0; i < count; i++) perform(sandbox, &steps[i], NULL);
}

#define PERFORM(sandbox, steps) perform_all(sandbox, steps, sizeof steps / sizeof steps[0])

void set_up_sandbox(struct sandbox *sandbox) {
    const struct interlock_spec *spec = &sandbox->spec;
    PERFORM(sandbox, sandbox_steps);
    for (size_t i = 0; i < spec->entry_count; i++)
        if (spec->entries[i].source != NULL) perform(sandbox, &source_step, &spec->entries[i]);
    PERFORM(sandbox, root_steps);
    for (size_t i = 0; i < spec->entry_count; i++)
        perform(sandbox, &entry_steps[spec->entries[i].tag - INTERLOCK_SPEC_BIND], &spec->entries[i]);
    PERFORM(sandbox, last_steps);
}

void set_up_inside(struct sandbox *sandbox) { PERFORM(sandbox, inner_steps); }

void set_up_on_host(struct sandbox *sandbox) { PERFORM(sandbox, host_steps); }

void confine_command(struct sandbox *sandbox) {
    PERFORM(sandbox, command_steps);
    if (sandbox->spec.isolation != INTERLOCK_ISOLATION_NONE) PERFORM(sandbox, first_walls);
    PERFORM(sandbox, end_steps);
    if (sandbox->spec.isolation != INTERLOCK_ISOLATION_NONE) PERFORM(sandbox, last_walls);
}
