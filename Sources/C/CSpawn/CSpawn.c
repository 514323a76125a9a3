#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STREAMS = INTERLOCK_STREAMS_MAX, FIRST_FREE = INTERLOCK_STREAMS_MAX };

// Moves descriptors away from 0 to STREAMS - 1, the targets; `copies` holds those to be closed again, or -1.
static int lift(const int *sources, int count, int lifted[STREAMS], int copies[STREAMS]) {
    for (int i = 0; i < STREAMS; i++) lifted[i] = copies[i] = -1;
    for (int i = 0; i < count; i++) {
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

int interlock_spawn_with(const char *path, char *const arguments[], char *const environment[], const int *sources,
                         int count, struct interlock_child *child) {
    if (count < 0 || count > STREAMS) return EINVAL;
    int lifted[STREAMS], copies[STREAMS];
    pid_t pid = -1;
    int result = lift(sources, count, lifted, copies);
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

int interlock_sealed_memory(const char *name, const void *bytes, size_t count) {
    int memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return -errno;
    size_t offset = 0;
    while (offset < count) {
        ssize_t written = write(memory, (const char *)bytes + offset, count - offset);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) goto failed;
        offset += (size_t)written;
    }
    if (fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) return memory;
failed:;
    int error = errno ? errno : EIO;
    close(memory);
    return -error;
}

int interlock_receive(int socket, unsigned char *byte, int *descriptors, int most) {
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(INTERLOCK_RECEIVED_MAX * sizeof(int))];
    } control;
    struct iovec part = {byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t count;
    do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    int found[INTERLOCK_RECEIVED_MAX], number = 0;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one != NULL; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
        size_t size = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < size && number < INTERLOCK_RECEIVED_MAX; i++)
            memcpy(&found[number++], CMSG_DATA(one) + i * sizeof(int), sizeof(int));
    }
    // End of file has neither a byte nor descriptors.
    bool is_whole = count == 1 && number <= most && !(message.msg_flags & (MSG_CTRUNC | MSG_TRUNC));
    for (int i = 0; i < number; i++) {
        if (is_whole)
            descriptors[i] = found[i];
        else
            close(found[i]);
    }
    return count == 0 && number == 0 ? -EPIPE : is_whole ? number : -EBADMSG;
}

int interlock_signal_pidfd(int pidfd, int signal) { return pidfd_send_signal(pidfd, signal, NULL, 0) == 0 ? 0 : errno; }

int interlock_reap_usage(int pidfd, int *code, long long *processor_us) {
    siginfo_t info = {0};
    struct rusage usage = {0};
    // The system call itself, because waitid of glibc has no place for the use of resources.
    while (syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED, &usage) != 0)
        if (errno != EINTR) return -errno;
    *code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    *processor_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec +
                    usage.ru_stime.tv_usec;
    return 1;
}

int interlock_landlock_abi(void) {
    enum { CREATE_RULESET_VERSION = 1 };
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

int interlock_make_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno; }

int interlock_forbid_core_files(void) {
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    return setrlimit(RLIMIT_CORE, &none) == 0 ? 0 : errno;
}
