// The process above a command without namespaces. It ends with the command, and the launcher, a subreaper too, kills what
// is left. It does so itself only if the launcher has ended.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT = 3, LAUNCHER, CHILDREN };

static int open_signals(void) {
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &children, NULL) != 0) return -1;
    return signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void reap_children(pid_t command) {
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
        if (ended != command) continue;
        send_report(REPORT, REPORT_ENDED, status, NULL, NULL);
        _exit(0);
    }
    if (ended < 0 && errno == ECHILD) _exit(INTERLOCK_EXIT_SETUP);
}

void run_on_host(struct sandbox *sandbox) {
    set_up_on_host(sandbox);
    // Before the command, whose step `signals` empties the mask again: no end is missed.
    int signals = open_signals();
    if (signals < 0) {
        send_report(sandbox->report, REPORT_FAILED, errno, "start-command", NULL);
        _exit(INTERLOCK_EXIT_SETUP);
    }
    pid_t command = start_command(sandbox);
    const int kept[] = {sandbox->report, sandbox->launcher, signals};
    keep_descriptors(kept, 3);
    struct pollfd sources[] = {{.fd = LAUNCHER, .events = POLLIN}, {.fd = CHILDREN, .events = POLLIN}};
    for (;;) {
        reap_children(command);
        if (poll(sources, 2, -1) < 0) continue;
        if (sources[0].revents != 0) {
            end_descendants();
            _exit(INTERLOCK_EXIT_KILLED);
        }
        struct signalfd_siginfo info;
        while (read(CHILDREN, &info, sizeof info) > 0) continue;
    }
}
