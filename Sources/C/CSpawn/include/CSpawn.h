// Starts and reaps children: the parts of posix_spawn and waitid that Swift cannot reach.
#ifndef INTERLOCK_CSPAWN_H
#define INTERLOCK_CSPAWN_H

#include <sys/types.h>

struct interlock_child {
    pid_t pid;
    int pidfd;  // close-on-exec; readable once the child has ended; the caller must close it
};

// Starts `path` in a process group of its own, with default signals and an empty mask. The child gets 0, 1, 2 from
// `input`, `output`, `error`, 3 from `lifeline` unless that is -1, then 4 from `program` unless that is -1; it inherits
// no other descriptor.
// Returns 0, or an errno if nothing was started. An unusable `path` gives an errno too.
int interlock_spawn(const char *path, char *const arguments[], char *const environment[], int input, int output,
                    int error, int lifeline, int program, struct interlock_child *child);

// Reaps a child: `code` is set to its exit status, or 128 + the signal. Waits for the end unless `nonblocking`.
// Returns 1 if it was reaped, 0 if it still runs, or -errno.
int interlock_reap(int pidfd, int nonblocking, int *code);

// Makes this process unreadable to others of the same user: no ptrace, and /proc/PID belongs to root. Returns 0 or an
// errno.
int interlock_make_undumpable(void);

#endif
