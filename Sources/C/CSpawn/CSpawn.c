#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STREAMS = 5, FIRST_FREE = 10 };

// Moves descriptors away from 0 to 4, the targets; `copies` holds those to be closed again, or -1.
static int lift(const int sources[STREAMS], int lifted[STREAMS], int copies[STREAMS]) {
    for (int i = 0; i < STREAMS; i++) copies[i] = -1;
    for (int i = 0; i < STREAMS; i++) {
        lifted[i] = sources[i];
        if (sources[i] < 0 || sources[i] >= STREAMS) continue;
        lifted[i] = copies[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, FIRST_FREE);
        if (copies[i] < 0) return errno;
    }
    return 0;
}

static int fill_actions(posix_spawn_file_actions_t *actions, const int sources[STREAMS]) {
    int result = 0, next = 0;
    for (; next < STREAMS && result == 0; next++) {
        if (sources[next] < 0) break;
        result = posix_spawn_file_actions_adddup2(actions, sources[next], next);
    }
    return result ? result : posix_spawn_file_actions_addclosefrom_np(actions, next);
}

static int fill_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int result = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (result == 0) result = posix_spawnattr_setpgroup(attributes, 0);
    if (result == 0) result = posix_spawnattr_setsigmask(attributes, &none);
    // Resets every signal, because an ignored SIGPIPE would be inherited.
    if (result == 0) result = posix_spawnattr_setsigdefault(attributes, &all);
    return result;
}

static int spawn(const char *path, char *const arguments[], char *const environment[], const int sources[STREAMS],
                 pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) return result;
    result = posix_spawnattr_init(&attributes);
    if (result == 0) {
        result = fill_actions(&actions, sources);
        if (result == 0) result = fill_attributes(&attributes);
        if (result == 0) result = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

int interlock_spawn(const char *path, char *const arguments[], char *const environment[], int input, int output,
                    int error, int lifeline, int program, struct interlock_child *child) {
    const int sources[STREAMS] = {input, output, error, lifeline, program};
    int lifted[STREAMS], copies[STREAMS];
    pid_t pid = -1;
    int result = lift(sources, lifted, copies);
    if (result == 0) result = spawn(path, arguments, environment, lifted, &pid);
    for (int i = 0; i < STREAMS; i++)
        if (copies[i] >= 0) close(copies[i]);
    if (result != 0) return result;

    int pidfd = pidfd_open(pid, 0);  // the pid cannot have been reused, because the child has not been reaped
    if (pidfd < 0) {
        result = errno;
        kill(-pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
        return result;
    }
    child->pid = pid;
    child->pidfd = pidfd;
    return 0;
}

int interlock_reap(int pidfd, int nonblocking, int *code) {
    siginfo_t info = {0};
    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | (nonblocking ? WNOHANG : 0)) != 0)
        if (errno != EINTR) return -errno;
    if (info.si_pid == 0) return 0;
    *code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    return 1;
}

int interlock_make_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno; }
