// The launcher waits outside, pid 1 reaps inside; signals and the exit status pass through both.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t start_process(unsigned long namespaces) {
    struct {
        unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    } request = {.flags = namespaces, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &request, sizeof request);
}

static int launcher_pipe = -1;

void watch_launcher(int read_end) { launcher_pipe = read_end; }

int die_with_launcher(void) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -1;
    // The launcher may have died before the signal was requested; its end of the pipe is then closed.
    struct pollfd watched = {.fd = launcher_pipe};
    if (poll(&watched, 1, 0) != 0) _exit(128 + SIGKILL);
    return 0;
}

int default_signals(void) {
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

int limit_resources(void) {
    static const struct {
        int resource;
        rlim_t soft, hard;
    } limits[] = {
        {RLIMIT_CORE, 0, 0},
        {RLIMIT_NOFILE, 1024, 4096},
        {RLIMIT_NPROC, 512, 512},  // processes and threads, counted within the user namespace
        {RLIMIT_MEMLOCK, 65536, 65536},
        {RLIMIT_MSGQUEUE, 0, 0},
        {RLIMIT_RTPRIO, 0, 0},
        {RLIMIT_NICE, 0, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit;
        if (getrlimit(limits[i].resource, &limit) != 0) return -1;
        if (limit.rlim_max > limits[i].hard) limit.rlim_max = limits[i].hard;
        limit.rlim_cur = limits[i].soft < limit.rlim_max ? limits[i].soft : limit.rlim_max;
        if (setrlimit(limits[i].resource, &limit) != 0) return -1;
    }
    return 0;
}

static sigset_t watched;

void hold_signals(void) {
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGHUP);
    sigprocmask(SIG_BLOCK, &watched, NULL);
}

static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

_Noreturn void supervise(pid_t init, int lifeline) {
    struct pollfd sources[] = {{.fd = signalfd(-1, &watched, SFD_CLOEXEC), .events = POLLIN}, {.fd = lifeline}};
    if (sources[0].fd < 0) _exit(EXIT_SETUP);  // pid 1 dies with this process
    for (;;) {
        int status;
        if (waitpid(init, &status, WNOHANG) == init) _exit(exit_code(status));
        if (poll(sources, 2, -1) < 0) continue;
        if (sources[1].revents != 0) {
            kill(init, SIGKILL);
            sources[1].fd = -1;
        }
        struct signalfd_siginfo info;
        if (sources[0].revents != 0 && read(sources[0].fd, &info, sizeof info) == sizeof info &&
            info.ssi_signo != SIGCHLD)
            kill(init, (int)info.ssi_signo);
    }
}

_Noreturn void be_init(pid_t command) {
    for (;;) {
        int status;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
            // The kernel ends all remaining processes inside when pid 1 ends.
            if (ended == command) _exit(exit_code(status));
        int number = sigwaitinfo(&watched, NULL);
        if (number > 0 && number != SIGCHLD) kill(command, number);
    }
}
