// interlock-launch: starts one command so that the kernel keeps it away from the gateway that wants it started.
//
// The first form starts agents and stdio servers, whose file tree holds nothing but what a specification lists (spec.h,
// Agent/):
//
//   interlock-launch --spec [--check] | --check-spec
//
// The second form starts programs of the gateway's own configuration, such as one that prints a secret:
//
//   interlock-launch [--cover PATH]... [--bind-ro PATH]... [--lifeline FD] [--check] -- CMD ARGS
//
// Three processes: the launcher (outside, only waits), pid 1 of the new namespaces (sets up the sandbox, then reaps),
// and the command. The end of the launcher, or of its process group, ends all of them.
//
// Inside, the command sees the host's file tree, read-only, with fresh /proc, /dev, /tmp and /var/tmp, with empty
// covered paths, and with the bound places. Started by root the command is `nobody` on the host; a bound tree appears
// as its own (an id-mapped mount, if the file system supports it). Started by a user the command keeps that user's id,
// without any capability. The environment is passed on unchanged. A short list of system calls is refused.
//
// The network is that of the host. Unix sockets exist only as connected pairs: a read-only mount does not prevent
// connections to a socket in it.
//
// Not limited here: memory and CPU, and the hosts that a command reaches.
#define _GNU_SOURCE
#include "launch.h"

#include "Agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct options options;
static struct plan plan;

_Noreturn void fail(int status, const char *what, const char *path, int error) {
    const char *name = error == 0 ? NULL : strerrorname_np(error);
    dprintf(2, "interlock-launch: %s%s%s%s%s%s\n", what, path ? " `" : "", path ? path : "", path ? "`" : "",
            error ? ": " : "", error ? (name ? name : "unknown error") : "");
    _exit(status);
}

// Closes all inherited descriptors except the three standard streams and the lifeline, if there is one.
static void close_inherited(int lifeline) {
    if (lifeline < 0) {
        close_range(3, ~0U, 0);
        return;
    }
    if (fcntl(lifeline, F_SETFD, FD_CLOEXEC) != 0) fail(EXIT_SETUP, "--lifeline", NULL, errno);
    if (lifeline > 3) close_range(3, (unsigned)lifeline - 1, 0);
    close_range((unsigned)lifeline + 1, ~0U, 0);
}

// Opens closed standard streams: otherwise the next open would take their number, and their bytes would go to the wrong
// file.
static void require_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0) {
            if (open("/dev/null", O_RDWR) != fd) _exit(EXIT_SETUP);
        }
}

static void forget_streams(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) _exit(EXIT_SETUP);
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    close(null);
}

static _Noreturn void run_command(void) {
    plan.count = 0;
    plan_command(&plan);
    perform_plan(&plan);
    if (options.check) _exit(0);
    execute(options.command);
}

static _Noreturn void run_init(bool as_root, int launcher) {
    plan_sandbox(&plan, &options, as_root);
    watch_launcher(launcher);
    perform_plan(&plan);
    pid_t command = start_process(0);
    if (command < 0) fail(EXIT_SETUP, "start the command", NULL, errno);
    if (command == 0) run_command();
    forget_streams();
    be_init(command);
}

int main(int count, char **arguments) {
    require_streams();
    if (count >= 2 && strcmp(arguments[1], "--spec") == 0) {
        bool is_check = count == 3 && strcmp(arguments[2], "--check") == 0;
        if (count > 2 && !is_check) fail(INTERLOCK_EXIT_USAGE, "--spec takes no other argument", NULL, 0);
        launch_from_spec(arguments, is_check);
    }
    if (count == 2 && strcmp(arguments[1], "--check-spec") == 0) check_spec();
    if (count >= 2 && strcmp(arguments[1], "--inside") == 0) {
        bool is_check = count == 3 && strcmp(arguments[2], "--check") == 0;
        if (count > 2 && !is_check) fail(INTERLOCK_EXIT_USAGE, "--inside takes no other argument", NULL, 0);
        run_inner(arguments, is_check);
    }
    parse_options(&options, count, arguments);
    close_inherited(options.lifeline);
    umask(077);
    default_signals();
    hold_signals();

    bool as_root = geteuid() == 0;
    if (as_root && prepare_id_maps(&options) != 0) fail(EXIT_SETUP, "id maps", NULL, errno);

    int alive[2];
    if (pipe2(alive, O_CLOEXEC) != 0) fail(EXIT_SETUP, "pipe", NULL, errno);
    pid_t init = start_process(namespaces(as_root));
    if (init < 0) fail(EXIT_SETUP, namespace_names(as_root), NULL, errno);
    if (init == 0) {
        close(alive[1]);
        if (options.lifeline >= 0) close(options.lifeline);
        run_init(as_root, alive[0]);
    }
    close(alive[0]);
    prctl(PR_SET_DUMPABLE, 0);
    forget_streams();
    supervise(init, options.lifeline);
}
