#ifndef INTERLOCK_CLINUX_H
#define INTERLOCK_CLINUX_H
// Declarations that Glibc's Swift module lacks. _GNU_SOURCE must not be defined here; declarations that need it are
// made by hand.
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <time.h>
#include <unistd.h>
#include <termios.h>
#include <poll.h>

int pipe2(int *ends, int flags);
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int renameat2(int from, const char *old_path, int to, const char *new_path, unsigned int flags);
int fallocate(int fd, int mode, off_t offset, off_t length);
int pthread_setname_np(pthread_t thread, const char *name);
ssize_t copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t count, unsigned int flags);
int sync_file_range(int fd, off_t offset, off_t length, unsigned int flags);
int pidfd_open(pid_t pid, unsigned int flags);
void *memmem(const void *bytes, size_t count, const void *part, size_t part_count);

// O_DIRECT, which glibc defines only under _GNU_SOURCE, and which differs between machines.
#if defined(__arm__) || defined(__aarch64__)
static const int interlock_open_direct = 0200000;
#else
static const int interlock_open_direct = 040000;
#endif

// O_PATH, defined only there too: opens a folder to pass through it, without reading it.
static const int interlock_open_path = 010000000;

// SYNC_FILE_RANGE_WRITE: starts writing dirty pages without waiting.
static const unsigned int interlock_sync_file_range_write = 2;

// SCHED_BATCH, which glibc defines only under _GNU_SOURCE: a thread that preempts no other when it wakes.
static const int interlock_sched_batch = 3;

// MADV_POPULATE_READ, which glibc 2.36 lacks: reads pages in, and fails if one cannot be read.
static const int interlock_madvise_populate_read = 22;

// UTIME_OMIT: leaves a time of a file as it is.
static const long interlock_utime_omit = (1l << 30) - 2l;

// FICLONE: makes a file share the blocks of another one, if the file system can.
static const unsigned long interlock_clone_request = 0x40049409;

// A wrapper, because prctl is variadic in C and Swift cannot call it.
static inline int interlock_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }

// `struct ucred` in the kernel's layout, which glibc declares only under _GNU_SOURCE.
struct interlock_peer { pid_t pid; uid_t uid; gid_t gid; };
static inline int interlock_peer_credentials(int fd, struct interlock_peer *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, 17 /* SO_PEERCRED */, peer, &length);
}
#endif
