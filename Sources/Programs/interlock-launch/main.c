// interlock-launch: starts one command so that the kernel keeps it away from the gateway that wants it started.
//
//   interlock-launch [--cover PATH]... [--bind-ro PATH]... [--bind-rw PATH]... [--chdir PATH]
//                    [--lifeline FD] [--program FD] [--network none|host] [--check] -- CMD ARGS
//
// Three processes: the launcher (outside, only waits), pid 1 of the new namespaces (sets up the sandbox, then reaps),
// and the command. The end of the launcher, or of its process group, ends all of them.
//
// Inside, the command sees the host's file tree, read-only, with fresh /proc, /dev, /tmp and /var/tmp, with empty
// covered paths, and with the bound places. Started by root the command is `nobody` on the host; a bound tree appears
// as its own (an id-mapped mount, if the file system supports it) and keeps its owner on the host. Started by a user
// the command keeps that user's id, without any capability. The environment is passed on unchanged. A short list of
// system calls is refused.
//
// The network inside is a separate loopback interface, to which nothing on the host is bound, unless --network host was
// given. Unix sockets exist only as connected pairs, with either network: a read-only mount does not prevent
// connections to a socket in it.
//
// With --program FD the command's path must lead, inside, to the file that is open as FD, and that file is executed:
// exactly the file that the caller checked runs.
//
// Not limited here: memory and CPU, and the hosts that a command on the machine's network reaches.
//
// A second form starts agents, whose file tree holds nothing but what a specification lists (spec.h, Agent/):
//
//   interlock-launch --spec [--check] | --check-spec
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

// Closes all inherited descriptors except the three standard streams, the lifeline and the program.
static void close_inherited(int lifeline, int program) {
    int kept[] = {lifeline < program ? lifeline : program, lifeline < program ? program : lifeline};
    unsigned next = 3;
    for (int i = 0; i < 2; i++) {
        if (kept[i] < (int)next) continue;
        if (fcntl(kept[i], F_SETFD, FD_CLOEXEC) != 0)
            fail(EXIT_SETUP, kept[i] == lifeline ? "--lifeline" : "--program", NULL, errno);
        if ((unsigned)kept[i] > next) close_range(next, (unsigned)kept[i] - 1, 0);
        next = (unsigned)kept[i] + 1;
    }
    close_range(next, ~0U, 0);
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
    plan_command(&plan, &options);
    perform_plan(&plan);
    if (options.check) _exit(0);
    execute(&options);
}

static _Noreturn void run_init(bool as_root, int launcher) {
    plan_sandbox(&plan, &options, as_root);
    watch_launcher(launcher);
    perform_plan(&plan);
    pid_t command = start_process(0);
    if (command < 0) fail(EXIT_SETUP, "start the command", NULL, errno);
    if (command == 0) run_command();
    if (options.program >= 0) close(options.program);
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
    close_inherited(options.lifeline, options.program);
    umask(077);
    default_signals();
    hold_signals();

    bool as_root = geteuid() == 0;
    if (as_root && prepare_id_maps(&options) != 0) fail(EXIT_SETUP, "id maps", NULL, errno);

    int alive[2];
    if (pipe2(alive, O_CLOEXEC) != 0) fail(EXIT_SETUP, "pipe", NULL, errno);
    pid_t init = start_process(namespaces(as_root, options.host_network));
    if (init < 0) fail(EXIT_SETUP, namespace_names(as_root, options.host_network), NULL, errno);
    if (init == 0) {
        close(alive[1]);
        if (options.lifeline >= 0) close(options.lifeline);
        run_init(as_root, alive[0]);
    }
    close(alive[0]);
    if (options.program >= 0) close(options.program);
    prctl(PR_SET_DUMPABLE, 0);
    forget_streams();
    supervise(init, options.lifeline);
}
