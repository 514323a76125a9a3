// What the parts of the launcher share. The order of work is in main.c.
#ifndef INTERLOCK_LAUNCH_H
#define INTERLOCK_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Exit codes; every other code is the command's own, or 128 + the signal that ended it.
enum {
    EXIT_SETUP = 125,           // wrong usage, or a set-up step failed: nothing ran
    EXIT_NOT_EXECUTABLE = 126,  // the command is there and cannot be executed
    EXIT_NOT_FOUND = 127,       // the command is not there
};

// The host identity of a command that root starts: nobody, nogroup. Its own files, and what others may read.
enum { SANDBOX_ID = 65534 };

enum { PLACES_MAX = 256, PATH_BYTES_MAX = 4096 };

enum place_kind {
    PLACE_COVER,      // empty and read-only inside
    PLACE_READ_ONLY,  // the host's tree, also under a cover
    PLACE_WRITABLE,   // the host's tree, writable
};

// One path of the host and what the command finds there. Normal form: absolute, no `.`, `..` or empty component.
struct place {
    enum place_kind kind;
    const char *path;
    int id_map;  // user namespace through which the tree's owner appears as SANDBOX_ID; -1 without
    int tree;    // detached copy of the mount, made before anything covers it; -1 until then
};

struct options {
    struct place places[PLACES_MAX];  // by length of path after parsing: what lies deeper comes later, and wins
    size_t place_count;
    const char *directory;  // where the command starts
    int lifeline;           // when its other end closes, everything inside is killed; -1 without
    int program;            // the file that the command's path must be, open; -1 without
    bool host_network;      // the machine's network instead of one of its own
    bool check;             // perform every step, execute nothing
    char **command;
};

// Ends the program with 125 and one line when the arguments are wrong.
void parse_options(struct options *options, int count, char **arguments);

// The plan: what is done, as data.
enum step_kind {
    STEP_MAP_IDS,             // the one id of the caller, under the same number
    STEP_LOOPBACK,            // the only interface of the new network namespace comes up
    STEP_PRIVATE_MOUNTS,      // nothing done here reaches the host
    STEP_COPY_TREE,           // of a place
    STEP_COPY_DEVICE,         // of a device node
    STEP_READ_ONLY_ROOT,      // every mount that exists: read-only, no set-id, no devices
    STEP_PROC,                // of the new pid namespace
    STEP_DEVICES,             // a /dev of five nodes
    STEP_SCRATCH,             // an empty writable tmpfs
    STEP_COVER,               // a place
    STEP_ATTACH,              // a place's copied tree
    STEP_SEAL,                // a cover becomes read-only
    STEP_NEW_KEYRING,
    STEP_BECOME_NOBODY,       // root only, after the mounts
    STEP_USER_NAMESPACE,      // root only: entered last, as nobody
    STEP_NO_MORE_NAMESPACES,  // no user namespace below this one, so no mounts of its own
    STEP_LIMITS,
    STEP_DROP_CAPABILITIES,   // all sets, the bounding set too
    STEP_NO_NEW_PRIVILEGES,
    STEP_UNDUMPABLE,
    STEP_DIE_WITH_LAUNCHER,
    STEP_NEW_SESSION,
    STEP_DEFAULT_SIGNALS,
    STEP_DIRECTORY,
    STEP_CLOSE_DESCRIPTORS,   // all but 0, 1, 2, with the execution
    STEP_FILTER_CALLS,        // last
};

struct step {
    enum step_kind kind;
    const char *path;
    struct place *place;
};

enum { STEPS_MAX = 3 * PLACES_MAX + 64 };

struct plan {
    struct step steps[STEPS_MAX];
    size_t count;
};

// For pid 1 of the namespaces; and for the command, between its start and execve.
void plan_sandbox(struct plan *plan, struct options *options, bool as_root);
void plan_command(struct plan *plan, const struct options *options);

// The flags of clone(2) for pid 1, and the same in words for a message.
unsigned long namespaces(bool as_root, bool host_network);
const char *namespace_names(bool as_root, bool host_network);

// Performs every step in order; a failure ends the process with 125 and a line that names step, path and errno.
void perform_plan(const struct plan *plan);

// Network (network.c); 0, or -1 with errno.
int raise_loopback(void);

// Mounts (mounts.c); each returns 0, or -1 with errno.
int make_mounts_private(void);
int copy_tree(struct place *place);
int copy_device(const char *path);
int make_root_read_only(void);
int mount_proc(void);
int mount_devices(void);
int mount_scratch(const char *path);
int cover(const struct place *place);
int attach(const struct place *place);
int seal(const char *path);

// Identity (identity.c); each returns 0, or -1 with errno.
int map_own_ids(void);
int become_nobody(void);
int enter_user_namespace(void);
int forbid_user_namespaces(void);
int new_keyring(void);
int drop_capabilities(void);
// As root, before the namespaces: an id map for each tree whose owner is not SANDBOX_ID.
int prepare_id_maps(struct options *options);

// System calls (filter.c); 0, or -1 with errno.
int filter_calls(void);

// Executes the command (execute.c); when `program` is there, only if the command's path leads to that very file.
_Noreturn void execute(const struct options *options);

// Processes (processes.c).
pid_t start_process(unsigned long namespaces);  // a copy of this one, in new namespaces; -1 with errno
void watch_launcher(int read_end);              // pid 1's side of the pipe whose write end the launcher holds
int die_with_launcher(void);
int default_signals(void);
// Blocks what is passed on, before the command can run: the kernel drops a signal to pid 1 that has neither handler nor
// mask, and one to the launcher would end it.
void hold_signals(void);
int limit_resources(void);
_Noreturn void supervise(pid_t init, int lifeline);  // the launcher, until pid 1 has ended
_Noreturn void be_init(pid_t command);               // pid 1: passes signals on, reaps, ends with the command

// Writes one line on stderr and ends the process. `path` and `error` (an errno) may be absent.
_Noreturn void fail(int status, const char *what, const char *path, int error);

#endif
