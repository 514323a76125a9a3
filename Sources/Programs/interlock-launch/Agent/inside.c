// The two processes inside: pid 1, which sets up the sandbox and then only reaps, and the command.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static _Noreturn void execute_command(struct sandbox *sandbox) {
    confine_command(sandbox);
    if (sandbox->is_check) {
        send_report(sandbox->report, REPORT_CHECKED, sandbox->landlock, NULL, NULL);
        _exit(0);
    }
    // The lists end with NULL, and execve changes none of them.
    char *const *arguments = (char *const *)sandbox->spec.arguments;
    // INVARIANT: the launcher knows before it that the command may run; otherwise it would say that nothing ran.
    if (!send_report(sandbox->report, REPORT_EXECUTING, sandbox->landlock, NULL, NULL)) _exit(INTERLOCK_EXIT_SETUP);
    if (sandbox->program < 0)
        execvp(arguments[0], arguments);
    else
        execute_checked(arguments[0], arguments, sandbox->program);
    int error = errno;
    send_report(sandbox->report, REPORT_NOT_EXECUTED, error, NULL, NULL);
    _exit(INTERLOCK_EXIT_NOT_EXECUTABLE);
}

void keep_descriptors(const int *kept, int count) {
    enum { FIRST = 3, MOST = 4 };
    int high[MOST];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < FIRST; fd++)
        if (null >= 0) dup2(null, fd);
        else close(fd);
    // Above their new numbers first, so that none is closed before it is moved.
    for (int i = 0; i < count; i++) high[i] = fcntl(kept[i], F_DUPFD_CLOEXEC, FIRST + count);
    for (int i = 0; i < count; i++) dup3(high[i], FIRST + i, O_CLOEXEC);
    close_range((unsigned)(FIRST + count), ~0U, 0);
}

// Waits until no process holds the other end: the command was executed, or has ended.
static void wait_for_execution(int executed) {
    char byte;
    while (read(executed, &byte, 1) < 0 && errno == EINTR) continue;
}

static sigset_t watched;

// Blocks what pid 1 waits for: the kernel drops a signal to it that is neither handled nor blocked.
static void hold_watched(void) {
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_BLOCK, &watched, NULL);
}

static _Noreturn void reap(pid_t command, int report) {
    long peak = 0;
    for (;;) {
        int status;
        struct rusage usage = {0};
        pid_t ended = wait4(-1, &status, WNOHANG, &usage);
        if (ended > 0 && usage.ru_maxrss > peak) peak = usage.ru_maxrss;
        if (ended == command) {
            send_report(report, REPORT_PEAK, peak > INT_MAX ? INT_MAX : (int)peak, NULL, NULL);
            send_report(report, REPORT_ENDED, status, NULL, NULL);
            // The kernel kills what is left inside before the end of pid 1 is seen outside.
            _exit(0);
        }
        if (ended > 0) continue;
        if (ended < 0 && errno == ECHILD) _exit(INTERLOCK_EXIT_SETUP);
        if (sigwaitinfo(&watched, NULL) == SIGTERM) kill(command, SIGTERM);
    }
}

pid_t start_command(struct sandbox *sandbox) {
    int executed[2];
    hold_watched();
    pid_t command = pipe2(executed, O_CLOEXEC) == 0 ? start_process(0) : -1;
    if (command < 0 && errno == ENOSYS) command = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0);
    if (command < 0) {
        send_report(sandbox->report, REPORT_FAILED, errno, "start-command", NULL);
        _exit(INTERLOCK_EXIT_SETUP);
    }
    if (command == 0) execute_command(sandbox);
    leave_environment();
    close(executed[1]);
    wait_for_execution(executed[0]);
    close(executed[0]);
    send_report(sandbox->report, REPORT_EXECUTED, 0, NULL, NULL);
    return command;
}

void run_inside(struct sandbox *sandbox) {
    if (sandbox->spec.backend == INTERLOCK_BACKEND_BWRAP) set_up_inside(sandbox);
    else set_up_sandbox(sandbox);
    pid_t command = start_command(sandbox);
    keep_descriptors(&sandbox->report, 1);
    reap(command, 3);
}
