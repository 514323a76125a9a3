// Starts and reaps children: the parts of posix_spawn and waitid that Swift cannot reach.
#ifndef INTERLOCK_CSPAWN_H
#define INTERLOCK_CSPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct interlock_child {
    pid_t pid;
    int pidfd;  // close-on-exec; readable once the child has ended; the caller must close it
};

enum { INTERLOCK_STREAMS_MAX = 10, INTERLOCK_RECEIVED_MAX = 4 };

// Starts `path` in a process group of its own, with default signals and an empty mask. The child gets 0, 1, ... from
// `sources`, at most INTERLOCK_STREAMS_MAX, up to the first that is -1; it inherits no other descriptor.
// Returns 0, or an errno if nothing was started. An unusable `path` gives an errno too.
int interlock_spawn_with(const char *path, char *const arguments[], char *const environment[], const int *sources,
                         int count, struct interlock_child *child);

// Makes a memfd with these bytes, close-on-exec, that no process can change any more. Returns it, or -errno.
int interlock_sealed_memory(const char *name, const void *bytes, size_t count);

// Receives one message of one byte with at most `most` descriptors, which are close-on-exec. Returns their number, or
// -errno: EPIPE at the end of the stream, EBADMSG for any other message, whose descriptors are closed.
int interlock_receive(int socket, unsigned char *byte, int *descriptors, int most);

// Sends a signal to the process of a pidfd. Returns 0 or an errno.
int interlock_signal_pidfd(int pidfd, int signal);

// Waits for the end of a child and reaps it: `code` as in `interlock_reap`, then the processor time of it and of the
// children that it has reaped, in microseconds. Their memory is not asked for: a child counts what its parent had when it
// was spawned. Returns 1, or -errno.
int interlock_reap_usage(int pidfd, int *code, long long *processor_us);

// Reaps a child: `code` is set to its exit status, or 128 + the signal. Waits for the end unless `nonblocking`.
// Returns 1 if it was reaped, 0 if it still runs, or -errno.
int interlock_reap(int pidfd, int nonblocking, int *code);

// Makes a pseudo-terminal, both ends close-on-exec and no controlling terminal of this process. Its mode and size are those
// of the terminal `like`; with -1 it has 24 rows of 80 and does not echo. Returns 0 or an errno.
int interlock_open_terminal(int like, int *ours, int *theirs);

// Gives the terminal `to` the size of `from`; the kernel signals a change to its foreground processes.
void interlock_copy_size(int from, int to);

// Returns whether this process may read the terminal: it is in its foreground, or the terminal is not the controlling one.
bool interlock_in_foreground(int terminal);

// Fills in what a terminal in line mode reads as the end of file, 1 or 2 bytes, and returns their number; 0 in any other
// mode, which has no end of file.
int interlock_end_of_file(int ours, int after_newline, unsigned char *bytes);

// Lets a terminal pass on each byte as it is typed; it is this process's only one. Also a crash of this process restores
// it. Returns 0 or an errno.
int interlock_set_raw(int terminal);

// Restores the mode that the terminal had, and drops what was typed and not read; does nothing otherwise.
void interlock_restore_mode(void);

// Returns the ABI of Landlock that the kernel offers, or 0 if it offers none.
int interlock_landlock_abi(void);

// Makes this process unreadable to others of the same user: no ptrace, and /proc/PID belongs to root. Returns 0 or an
// errno.
int interlock_make_undumpable(void);

// Sets the limit of core files to 0 for this process and those that it starts, for good. Returns 0 or an errno.
int interlock_forbid_core_files(void);

#endif
