// The launcher as pid 1 of bubblewrap's namespaces: everything is mounted, and it holds no capability. What is left are
// the listeners, the limits, Landlock and the filter, and the duties of pid 1.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// A namespace of process ids that is not of its own would leave processes behind.
int send_pidfd(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox, (void)entry;
    if (getpid() != 1) {
        errno = ESRCH;
        return -1;
    }
    int own = (int)syscall(SYS_pidfd_open, 1, 0);
    if (own < 0) return -1;
    int result = close_with(own, send_descriptors(INNER_SOCKET, INTERLOCK_HANDOVER_PIDFD, &own, 1));
    return close_with(INNER_SOCKET, result);
}

static int restore_streams(void) {
    for (int stream = 0; stream <= 2; stream++)
        if (dup2(INNER_STREAMS + stream, stream) < 0 || close(INNER_STREAMS + stream) != 0) return -1;
    return 0;
}

static struct sandbox sandbox;

void run_inner(char **arguments, bool is_check) {
    umask(022);
    default_signals();
    // Whoever executes this by hand has no such descriptors, and gets no sandbox.
    if (fcntl(INNER_REPORT, F_SETFD, FD_CLOEXEC) != 0 || fcntl(INNER_LAUNCHER, F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(INNER_SOCKET, F_SETFD, FD_CLOEXEC) != 0)
        _exit(INTERLOCK_EXIT_USAGE);
    sandbox.report = INNER_REPORT;
    sandbox.launcher = INNER_LAUNCHER;
    sandbox.program_arguments = arguments;
    sandbox.is_check = is_check;
    sandbox.inside = sandbox.go = sandbox.messages = sandbox.program = -1;
    close_range(INNER_ARGUMENTS, ~0U, 0);
    if (restore_streams() != 0 || read_specification(&sandbox.spec) != 0) {
        send_report(sandbox.report, REPORT_FAILED, errno, "inside", NULL);
        _exit(INTERLOCK_EXIT_SETUP);
    }
    run_inside(&sandbox);
}
