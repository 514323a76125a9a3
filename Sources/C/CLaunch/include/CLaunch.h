// The form in which the supervisor describes a run to `interlock-launch --spec`, and what the launcher reports back.
// Swift writes these records and C reads them; both use the constants below. docs/specs/sandbox.md, section 3.
//
// Command line
//   interlock-launch --spec           sets up the sandbox and executes the command
//   interlock-launch --spec --check   performs every step and executes nothing; exit 0
//   interlock-launch --check-spec     reads descriptors 3, 4 and 5 and starts nothing; exit 0 or 71
//
// Descriptors
//   0, 1, 2  the command's: pipes, or a pty that the supervisor made
//   3        the specification: a memfd of records
//   4        the environment: a memfd of records; closed before the command is executed, by launcher, pid 1 and command
//   5        the seccomp program: a memfd of `struct sock_filter`, 8 bytes each, 1 to 4096 of them
//   6        AF_UNIX SOCK_SEQPACKET socket, one end of a pair; the launcher sends descriptors to the other end
//   7        read end of the lifeline; nothing is ever written to it
//   8        write end of the status pipe
//   9        an O_PATH or O_RDONLY descriptor of a cgroup v2 directory; only with INTERLOCK_SPEC_CGROUP
//   9, or 10 with INTERLOCK_SPEC_CGROUP: the open file that the command must be; only with INTERLOCK_SPEC_PROGRAM
// All others are closed. The three memfds must be sealed by F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
// their file offset does not matter.
//
// Records
//   A memfd is a sequence of `u32 length, u16 tag, payload`, without padding; `length` counts the payload alone.
//   Integers are little-endian and unaligned. At most 1 MiB a memfd, 2048 records. The first record of each is VERSION,
//   the last is END. An unknown tag, a tag of the other memfd, a second record of a tag that is not "many", a missing
//   required tag, a payload of another size, a value out of range, or bytes after END: exit 71, nothing ran.
//
//   text   the bytes until the end of the payload: no NUL
//   str    `u16 length, bytes`: no NUL
//   path   a text or str: absolute, 2 to 4095 bytes, no empty component, no `.` or `..`, no final slash
//   A path outside ("source", "lower", "layer") must not lead through a symbolic link at any component.
//   A path inside ("target") must not lie at or below /proc, /dev (except the tmpfs /dev/shm), /run/secrets and
//   /etc/interlock/sandbox and launch, because the launcher makes these; above them only TMPFS and FOLDER may lie. No two records
//   have the same target. Records are performed in their order, so a target comes after every target above it. What
//   lies inside a BIND or OVERLAY must be a BIND, OVERLAY or TMPFS on a file or directory that exists there; elsewhere
//   missing directories above a target are made, with mode 0755. Nothing lies below a FILE or SYMLINK.
//
// Combinations
//   isolation FULL     network NONE or PROXY. Backend OWN, or BWRAP: bubblewrap makes the namespaces and mounts, and the
//                      launcher is executed again inside (`interlock-launch --inside [--check]`), as pid 1. Then there is
//                      no OVERLAY and no CGROUP, nothing lies in a BIND, and NOEXEC and inodes are left to Landlock
//   isolation REDUCED  network NONE or PORTS, backend OWN, no ALLOW_MISSING. The file tree is the host's: only BIND, each
//                      with the same source and target, and only what they name can be opened
//   isolation NONE     network HOST, backend OWN, no file tree. Only the environment, the rlimits and the end of a run
//                      are kept; descriptor 5 is read and not used
#ifndef INTERLOCK_CLAUNCH_H
#define INTERLOCK_CLAUNCH_H

#include <stddef.h>
#include <stdint.h>

enum {
    INTERLOCK_SPEC_FORM = 1,  // the value of VERSION
    INTERLOCK_SPEC_BYTES_MAX = 1 << 20,
    INTERLOCK_SPEC_RECORDS_MAX = 2048,
    INTERLOCK_SPEC_PATH_BYTES_MAX = 4095,
    INTERLOCK_SPEC_MOUNTS_MAX = 256,      // BIND, OVERLAY and TMPFS together
    INTERLOCK_SPEC_OVERLAYS_MAX = 64,
    INTERLOCK_SPEC_PORTS_MAX = 16,
    INTERLOCK_FILTER_CALLS_MAX = 4096,    // instructions of the seccomp program
};

enum interlock_descriptor {
    INTERLOCK_SPEC_DESCRIPTOR = 3,
    INTERLOCK_ENVIRONMENT_DESCRIPTOR = 4,
    INTERLOCK_FILTER_DESCRIPTOR = 5,
    INTERLOCK_HANDOVER_DESCRIPTOR = 6,
    INTERLOCK_LIFELINE_DESCRIPTOR = 7,
    INTERLOCK_STATUS_DESCRIPTOR = 8,
    INTERLOCK_CGROUP_DESCRIPTOR = 9,
};

enum interlock_spec_tag {
    // Both memfds.
    INTERLOCK_SPEC_VERSION = 1,  // required, first. u32: INTERLOCK_SPEC_FORM
    INTERLOCK_SPEC_END = 2,      // required, last. empty

    // The specification: the sandbox as a whole.
    INTERLOCK_SPEC_ISOLATION = 10,      // required. u8: enum interlock_isolation
    INTERLOCK_SPEC_BACKEND = 11,        // required. u8: enum interlock_backend
    INTERLOCK_SPEC_NETWORK = 12,        // required. u8: enum interlock_network
    INTERLOCK_SPEC_RUN = 13,            // required. text: the run id, 1 to 64 of 0-9 a-z -, written to
                                        // /etc/interlock/sandbox
    INTERLOCK_SPEC_ALLOW_MISSING = 14,  // u32: layers that the kernel may lack, of enum interlock_layer
    INTERLOCK_SPEC_CGROUP = 15,         // empty: pid 1 starts inside the cgroup of descriptor 9
    INTERLOCK_SPEC_NOBODY = 16,         // empty: required of a launcher that root started, and refused to others. Root
                                        // opens the sources; the command is the user `nobody` of the host
    INTERLOCK_SPEC_PORT = 17,           // many, with INTERLOCK_NETWORK_PORTS. u16: a TCP port, not 0

    // The specification: limits.
    INTERLOCK_SPEC_WALL = 20,    // u64: milliseconds from the execution, 1 to 2^40; without it there is no limit
    INTERLOCK_SPEC_SETUP = 21,   // u32: milliseconds for the set-up, 1 to 5000 [default: 5000]
    INTERLOCK_SPEC_RLIMIT = 22,  // many, one a kind. u8: enum interlock_rlimit, u64: soft and hard value

    // The specification: the file tree inside, many of each. All mounts are nosuid, and nodev.
    INTERLOCK_SPEC_BIND = 30,     // u8: INTERLOCK_MOUNT_* bits or 0, str: source path, str: target path. A file or a
                                  // directory with what is mounted below it; not a socket, FIFO or device
    INTERLOCK_SPEC_OVERLAY = 31,  // u8: 0 or INTERLOCK_MOUNT_WRITABLE, str: lower path, str: layer path, str: target
                                  // path. Writable: `layer` is a directory that holds the directories `upper` and
                                  // `work`. Otherwise its `upper` is seen above the lower and only read, or `layer`
                                  // is empty (length 0), and the lower is seen alone
    INTERLOCK_SPEC_TMPFS = 32,    // u32: mode, at most 01777, u64: bytes, at least 4096, u32: inodes, at least 16,
                                  // u8: 0 or INTERLOCK_MOUNT_NOEXEC, text: target path. Empty and writable
    INTERLOCK_SPEC_SYMLINK = 33,  // str: its text, 1 to 4095 bytes, str: target path
    INTERLOCK_SPEC_FILE = 34,     // u32: mode, at most 0777, str: target path, bytes: its content
    INTERLOCK_SPEC_FOLDER = 35,   // u32: mode, at most 01777, text: target path. An empty directory, for mount points

    // The specification: the command.
    INTERLOCK_SPEC_DIRECTORY = 40,  // required. text: the working directory, a path inside, or `/`
    INTERLOCK_SPEC_ARGUMENT = 41,   // required, many, in their order. text; the first is not empty, and is searched in
                                    // PATH of the environment unless it has a slash
    INTERLOCK_SPEC_TERMINAL = 42,   // empty: descriptor 0 becomes the controlling terminal, and /dev/tty exists
    INTERLOCK_SPEC_PROGRAM = 43,    // empty: the first argument, which has a slash, must lead to the file of the
                                    // descriptor above, and that file is executed. A bind keeps which file it is, an
                                    // overlay does not

    // The environment.
    INTERLOCK_SPEC_VARIABLE = 50,  // many. text: NAME=value, with a name of 1 byte or more; no name twice
    INTERLOCK_SPEC_SECRET = 51,    // many. str: name, 1 to 64 of A-Z a-z 0-9 _ - ., no dot first, bytes: the content of
                                   // /run/secrets/NAME, mode 0400
};

enum interlock_isolation {
    INTERLOCK_ISOLATION_FULL = 0,
    INTERLOCK_ISOLATION_REDUCED = 1,  // Landlock and seccomp alone
    INTERLOCK_ISOLATION_NONE = 2,
};

enum interlock_backend {
    INTERLOCK_BACKEND_OWN = 0,
    INTERLOCK_BACKEND_BWRAP = 1,  // INTERLOCK_BUBBLEWRAP
};

#define INTERLOCK_BUBBLEWRAP "/usr/bin/bwrap"


enum interlock_network {
    INTERLOCK_NETWORK_NONE = 0,   // `lo` alone, nothing listens
    INTERLOCK_NETWORK_PROXY = 1,  // `lo` alone, with listeners on 127.0.0.1:3128 (HTTP) and 127.0.0.1:1080 (SOCKS5)
    INTERLOCK_NETWORK_PORTS = 2,  // the host's, from which TCP connections to the ports of PORT alone can be made
    INTERLOCK_NETWORK_HOST = 3,   // no namespace of its own; runs without isolation, and stdio servers whose reviewed entry says so
};

enum { INTERLOCK_HTTP_PORT = 3128, INTERLOCK_SOCKS_PORT = 1080, INTERLOCK_LISTEN_BACKLOG = 128 };

// The id of the command inside, for both its user and its group. On the host it is the caller's own, or that of `nobody`.
enum { INTERLOCK_INSIDE_ID = 1000, INTERLOCK_NOBODY_ID = 65534 };

enum interlock_layer {
    INTERLOCK_LAYER_LANDLOCK = 1,
};

enum interlock_mount {
    INTERLOCK_MOUNT_WRITABLE = 1,  // otherwise read-only
    INTERLOCK_MOUNT_NOEXEC = 2,    // otherwise its files can be executed
    INTERLOCK_MOUNT_OWNED = 4,     // of a bind; with NOBODY what belongs to the owner of the source appears as the
                                   // command's, if the file system can map ids; otherwise modes limit `nobody`
};

enum interlock_rlimit {
    INTERLOCK_RLIMIT_PROCESSES = 1,  // RLIMIT_NPROC [default: 512]
    INTERLOCK_RLIMIT_FILES = 2,      // RLIMIT_NOFILE [default: 4096]
    INTERLOCK_RLIMIT_FILE_SIZE = 3,  // RLIMIT_FSIZE, bytes
    INTERLOCK_RLIMIT_MEMORY = 4,     // RLIMIT_AS, bytes
    INTERLOCK_RLIMIT_CPU = 5,        // RLIMIT_CPU, seconds
};

// The least ABI of Landlock for INTERLOCK_ISOLATION_REDUCED: ports since 4, signals and abstract sockets since 6.
enum { INTERLOCK_REDUCED_LANDLOCK = 6 };

// Handover: messages on descriptor 6, in this order; each has one byte of data and descriptors by SCM_RIGHTS.
//   'P'  one descriptor: the pidfd of pid 1, for SIGKILL and for POLLIN at its end. Sent once pid 1 exists, before any
//        step of it. Without namespaces it is the process above the command; after its end the launcher kills what is
//        left below it, so SIGKILL of the launcher must not follow.
//   'L'  two descriptors: the listening sockets of HTTP and of SOCKS5, blocking. Sent with INTERLOCK_NETWORK_PROXY
//        alone, before the command starts.
enum { INTERLOCK_HANDOVER_PIDFD = 'P', INTERLOCK_HANDOVER_LISTENERS = 'L' };

// Status: lines on descriptor 8, at most 128 bytes each with the final newline, each by one write; words separated by
// one space. ERRNO is decimal, 0 if there is none; STEP and REASON are of a-z and -. Only the launcher itself (outside)
// writes, so nothing inside can. Unknown words must be treated as a failure by the reader.
//
//   started ABI               the command was executed; Landlock is on at that ABI, 0 if it is off (ALLOW_MISSING)
//   checked ABI               `--check`: every step succeeded
//   refused REASON STEP ERRNO exit 70 (`root`: 64), nothing ran. Reasons: nested, kernel-too-old, container-filter,
//                             userns-denied, userns-limit, proc-masked, no-overlay, no-landlock, no-seccomp, no-cgroup,
//                             no-bwrap, root
//   failed STEP ERRNO         exit 71, nothing ran. The steps are in Sources/Programs/interlock-launch/Agent/steps.c;
//                             also `pipes`, `clone`, `map-ids`, `hand-over`, `start-command`, `bwrap` (bubblewrap
//                             ended before the command), `arguments` (its arguments); `spec`, `environment`,
//                             `filter` (a memfd is wrong: EBADMSG, or why it cannot be read); `time` (the set-up took
//                             longer than SETUP), `lifeline` (it closed during the set-up), `inside` (pid 1 was killed
//                             during the set-up)
//   not-executed ERRNO        exit 127 for ENOENT and ENOTDIR, otherwise 126: every step succeeded and execve did not;
//                             ESTALE: the command is not the file of INTERLOCK_SPEC_PROGRAM
//   peak KIB                  the most memory of one process that pid 1 has reaped; before `ended`, of a command that ended
//   ended exited CODE         the command ended with CODE, which is also the launcher's exit code
//   ended killed SIGNAL       the command ended by SIGNAL; exit 128 + SIGNAL
//   ended wall 0              exit 124: the time of WALL passed and everything inside was killed
//   ended lifeline 0          exit 137: the lifeline closed and everything inside was killed
//
// SIGTERM to pid 1, by its pidfd, is passed on to the command. `started` precedes `peak` and `ended`; every launcher that
// is not killed itself writes exactly one of the others, last. All
// processes inside are gone when `ended` is written. End of file without such a line: the launcher was killed, and the
// kernel kills everything inside.
enum { INTERLOCK_STATUS_LINE_MAX = 128 };

enum {
    INTERLOCK_EXIT_USAGE = 64,      // wrong arguments, or uid 0
    INTERLOCK_EXIT_REFUSED = 70,    // isolation is not available
    INTERLOCK_EXIT_SETUP = 71,      // a step failed
    INTERLOCK_EXIT_WALL = 124,
    INTERLOCK_EXIT_NOT_EXECUTABLE = 126,
    INTERLOCK_EXIT_NOT_FOUND = 127,
    INTERLOCK_EXIT_KILLED = 137,    // the lifeline closed
};

// What the reader makes of the two memfds. Strings end with NUL and live until the value is freed.

// A record of the file tree.
struct interlock_entry {
    enum interlock_spec_tag tag;  // BIND, OVERLAY, TMPFS, SYMLINK, FILE or FOLDER
    unsigned flags;               // enum interlock_mount
    unsigned mode;
    uint64_t bytes;               // of a tmpfs
    unsigned inodes;
    const char *source;  // of a bind; the lower of an overlay
    const char *layer;   // of an overlay; NULL without one
    const char *target;
    const char *content;  // of a file; the text of a symlink
    size_t content_size;
    int parent;  // index of the nearest entry above it, or -1
};

enum { INTERLOCK_RLIMIT_KINDS = 6 };

struct interlock_spec {
    uint8_t isolation, backend, network;
    uint16_t ports[INTERLOCK_SPEC_PORTS_MAX];
    size_t port_count;
    uint32_t allow_missing;
    int cgroup, nobody, terminal, program;  // 0 or 1
    uint64_t wall;         // milliseconds, 0 without a limit
    uint32_t setup;        // milliseconds
    const char *run, *directory;
    int has_rlimit[INTERLOCK_RLIMIT_KINDS];  // by enum interlock_rlimit
    uint64_t rlimits[INTERLOCK_RLIMIT_KINDS];
    struct interlock_entry *entries;
    size_t entry_count;
    const char **arguments;  // ends with NULL
    size_t argument_count;
    void *memory;
};

struct interlock_secret {
    const char *name;
    const char *content;
    size_t size;
};

struct interlock_environment {
    const char **variables;  // ends with NULL
    size_t variable_count;
    struct interlock_secret *secrets;
    size_t secret_count;
    void *memory;
    char *strings;  // within `memory`
    size_t strings_size;
};

// Read a whole memfd. Return 0, EBADMSG if its form is wrong, or ENOMEM; nothing needs to be freed then.
int interlock_spec_read(const uint8_t *bytes, size_t count, struct interlock_spec *spec);
int interlock_environment_read(const uint8_t *bytes, size_t count, struct interlock_environment *environment);

// Read and free a whole memfd: whether the launcher would take it. Return 0, EBADMSG or ENOMEM.
int interlock_spec_check(const uint8_t *bytes, size_t count);
int interlock_environment_check(const uint8_t *bytes, size_t count);

void interlock_spec_free(struct interlock_spec *spec);
// Overwrites the values before it frees them.
void interlock_environment_free(struct interlock_environment *environment);

#endif
