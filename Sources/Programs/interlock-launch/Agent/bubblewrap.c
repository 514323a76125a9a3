// bubblewrap as the maker of the namespaces and mounts: the system's own program, of which a distribution may permit what
// it denies to others. The launcher is executed again inside, and does the rest (inner.c).
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// Starts a process with its pidfd, in the namespaces of this one.
static struct started start_plain(void) {
    struct started started = {.pidfd = -1, .has_clone3 = true};
    struct clone_args request = {
        .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&started.pidfd, .exit_signal = SIGCHLD};
    started.pid = (pid_t)syscall(SYS_clone3, &request, sizeof request);
    if (started.pid < 0 && errno == ENOSYS) {
        started.has_clone3 = false;
        started.pid = (pid_t)syscall(SYS_clone, (unsigned long)CLONE_PIDFD | SIGCHLD, NULL, &started.pidfd, NULL, NULL);
    }
    return started;
}

struct ends {
    int program, arguments, launcher, report, inside, messages, null;
};

// Puts the descriptors in their places. Every other one is closed with the execution, except those that the arguments
// name.
static int place(const struct ends *ends) {
    const int given[] = {ends->launcher, ends->report, ends->inside, 0, 1, 2, ends->arguments};
    int high[sizeof given / sizeof given[0]];
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if ((high[i] = fcntl(given[i], F_DUPFD_CLOEXEC, INNER_LAST + 1)) < 0) return -1;
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (dup2(high[i], INNER_LAUNCHER + (int)i) < 0) return -1;
    // bubblewrap itself has no stream of the command; what it prints is its own.
    if (dup2(ends->null, 0) < 0 || dup2(ends->null, 1) < 0 || dup2(ends->messages, 2) < 0) return -1;
    close(INTERLOCK_LIFELINE_DESCRIPTOR);
    return close(INTERLOCK_STATUS_DESCRIPTOR);
}

_Static_assert(INNER_STREAMS == INNER_SOCKET + 1 && INNER_ARGUMENTS == INNER_STREAMS + 3, "the order of `given`");

#ifdef INTERLOCK_LAUNCH_FAULTS
extern char **environ;
static char *const *environment(void) { return environ; }
#else
static char *const *environment(void) {
    static char *const nothing[] = {NULL};
    return nothing;
}
#endif

static _Noreturn void execute_bubblewrap(const struct sandbox *sandbox, const struct ends *ends) {
    static const char *const arguments[] = {"bwrap", "--args", "16", "--", INNER_PROGRAM, "--inside", NULL, NULL};
    const char *words[sizeof arguments / sizeof arguments[0]];
    memcpy(words, arguments, sizeof words);
    if (sandbox->is_check) words[6] = "--check";
    int program = ends->program;
    if (program <= INNER_LAST) program = fcntl(program, F_DUPFD_CLOEXEC, INNER_LAST + 1);
    int report = fcntl(ends->report, F_DUPFD_CLOEXEC, INNER_LAST + 1);
    // A set-id bit of the program has no effect then.
    if (program >= 0 && report >= 0 && place(ends) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        syscall(SYS_execveat, program, "", words, environment(), AT_EMPTY_PATH);
    send_report(report, REPORT_FAILED, errno, "bwrap", NULL);
    _exit(INTERLOCK_EXIT_SETUP);
}

_Static_assert(INNER_ARGUMENTS == 16, "the argument --args");

struct started start_bubblewrap(struct sandbox *sandbox, int launcher, int report) {
    struct started failed = {.pid = -1, .pidfd = -1, .has_clone3 = true};
    int pair[2], messages[2];
    struct ends ends = {.launcher = launcher, .report = report};
    ends.program = open_outside(INTERLOCK_BUBBLEWRAP);
    if (ends.program < 0) refuse_launch("no-bwrap", "bwrap", errno);
    ends.arguments = make_arguments(sandbox);
    if (ends.arguments < 0) fail_launch("arguments", errno);
    ends.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (ends.null < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 ||
        pipe2(messages, O_CLOEXEC) != 0)
        return failed;
    ends.inside = pair[1];
    ends.messages = messages[1];
    // What is left of it, if it is killed during its set-up, becomes a child of this process.
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 || require_descendants() != 0) return failed;
    struct started started = start_plain();
    if (started.pid == 0) execute_bubblewrap(sandbox, &ends);
    int error = errno;
    close(ends.program), close(ends.arguments), close(ends.null), close(ends.inside), close(ends.messages);
    close_range(INNER_FIRST_SOURCE, ~0U, 0);
    sandbox->inside = pair[0];
    sandbox->messages = messages[0];
    errno = error;
    return started;
}
