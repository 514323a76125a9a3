// The launcher's own part: it reads what it was given, makes the namespaces, maps the ids and hands out the pidfd.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL  // linux/sched.h, which cannot be included beside sched.h
#endif

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP,
};

static unsigned long namespaces_of(const struct interlock_spec *spec) {
    return NAMESPACES | (spec->nobody ? 0 : CLONE_NEWUSER) | (spec->network == INTERLOCK_NETWORK_HOST ? 0 : CLONE_NEWNET);
}

static struct sandbox sandbox;

// Validates the three memfds as a whole: nothing is done for a run whose description is wrong somewhere.
static const char *read_memfds(struct interlock_spec *spec) {
    struct interlock_environment environment;
    struct sock_fprog filter;
    if (read_specification(spec) != 0) return "spec";
    if (read_environment(&environment) != 0) return "environment";
    interlock_environment_free(&environment);
    return map_filter(&filter) != 0 ? "filter" : NULL;
}

void check_spec(void) {
    const char *wrong = read_memfds(&sandbox.spec);
    if (wrong == NULL) _exit(0);
    fail(INTERLOCK_EXIT_SETUP, "invalid specification", wrong, errno);
}

// Starts pid 1 of new namespaces, or, for a run without them, the process above the command.
static struct started start_first(unsigned long namespaces, bool into_cgroup) {
    struct started started = {.pidfd = -1, .has_clone3 = true};
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
        uint64_t set_tid, set_tid_size, cgroup;
    } request = {
        .flags = namespaces | CLONE_PIDFD | (into_cgroup ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uintptr_t)&started.pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = into_cgroup ? INTERLOCK_CGROUP_DESCRIPTOR : 0,
    };
    started.pid = (pid_t)syscall(SYS_clone3, &request, sizeof request);
    // A container's filter answers so; only clone3 can start a process inside a cgroup.
    if (started.pid < 0 && errno == ENOSYS && !into_cgroup) {
        started.has_clone3 = false;
        started.pid = (pid_t)syscall(SYS_clone, namespaces | CLONE_PIDFD | SIGCHLD, NULL,
                                     &started.pidfd, NULL, NULL);
    }
    return started;
}

static int write_at(int folder, const char *name, const char *text) {
    int file = openat(folder, name, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t length = (ssize_t)strlen(text);
    return close_with(file, write(file, text, (size_t)length) == length ? 0 : -1);
}

static int write_map(int folder, const char *name, unsigned outside) {
    char line[64];
    snprintf(line, sizeof line, "%d %u 1\n", INTERLOCK_INSIDE_ID, outside);
    return write_at(folder, name, line);
}

// Maps the caller's own user and group; the kernel accepts the second without privilege once setgroups is denied.
static int map_inside_ids(pid_t pid) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d", pid);
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -1;
    int result = write_at(folder, "setgroups", "deny");
    if (result == 0) result = write_map(folder, "uid_map", geteuid());
    if (result == 0) result = write_map(folder, "gid_map", getegid());
    return close_with(folder, result);
}

// Ends pid 1, which has done nothing yet.
static void abandon(int pidfd) {
    int error = errno;
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    siginfo_t info;
    waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
    errno = error;
}

static void begin(const struct started *started, int go) {
    const char *step = "map-ids";
    bool is_mapped = sandbox.spec.isolation == INTERLOCK_ISOLATION_FULL && !sandbox.spec.nobody;
    int result = is_mapped ? map_inside_ids(started->pid) : 0;
    if (result == 0) {
        step = "hand-over";
        result = hand_over(INTERLOCK_HANDOVER_PIDFD, &started->pidfd, 1);
    }
    if (result == 0 && write(go, "", 1) == 1) return;
    abandon(started->pidfd);
    const char *reason = refusal_of_step(step, errno);
    if (reason != NULL) refuse_launch(reason, step, errno);
    fail_launch(step, errno);
}

void launch_from_spec(char **arguments, bool is_check) {
    umask(022);  // the command's too; what must be narrower is made so
    default_signals();
    signal(SIGPIPE, SIG_IGN);
    const char *wrong = read_memfds(&sandbox.spec);
    if (wrong != NULL) fail_launch(wrong, errno);
    const char *reason = refusal_of_host(&sandbox.spec);
    if (reason != NULL) refuse_launch(reason, "host", 0);
    bool into_cgroup = sandbox.spec.cgroup != 0;
    unsigned next = (unsigned)INTERLOCK_STATUS_DESCRIPTOR + (into_cgroup ? 2 : 1);
    sandbox.program = sandbox.spec.program ? (int)next++ : -1;
    close_range(next, ~0U, 0);
    sandbox.is_check = is_check;
    sandbox.program_arguments = arguments;

    if (prepare_owned(&sandbox) != 0) fail_launch("id-maps", errno);
    int go[2], reports[2];
    if (pipe2(go, O_CLOEXEC) != 0 || pipe2(reports, O_CLOEXEC) != 0) fail_launch("pipes", errno);
    sandbox.inside = sandbox.go = sandbox.messages = -1;
    bool is_full = sandbox.spec.isolation == INTERLOCK_ISOLATION_FULL;
    bool by_bubblewrap = sandbox.spec.backend == INTERLOCK_BACKEND_BWRAP;
    // Before the first child, so that no orphan is lost.
    if (!is_full && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) fail_launch("subreaper", errno);
    struct started started = by_bubblewrap ? start_bubblewrap(&sandbox, go[0], reports[1])
                                           : start_first(is_full ? namespaces_of(&sandbox.spec) : 0, into_cgroup);
    if (started.pid < 0) {
        int error = errno;
        reason = refusal_of_clone(error, started.has_clone3, into_cgroup);
        if (reason != NULL) refuse_launch(reason, "clone", error);
        fail_launch("clone", error);
    }
    if (started.pid == 0) {
        close(go[1]);
        close(reports[0]);
        sandbox.launcher = go[0];
        sandbox.report = reports[1];
        if (is_full) run_inside(&sandbox);
        run_on_host(&sandbox);
    }
    close(go[0]);
    close(reports[1]);
    leave_environment();
    prctl(PR_SET_DUMPABLE, 0);
    if (by_bubblewrap) sandbox.go = go[1];  // `watch` begins once pid 1 has sent its pidfd
    else begin(&started, go[1]);  // the write end stays open: its end is how pid 1 notices a launcher that ended early
    watch(&sandbox, started.pidfd, reports[0]);
}
