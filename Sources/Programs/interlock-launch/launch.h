// Declarations shared by the parts of the launcher. The order of work is in main.c.
#ifndef INTERLOCK_LAUNCH_H
#define INTERLOCK_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Exit codes; every other code is the command's own, or 128 + the signal that ended it.
enum {
    EXIT_SETUP = 125,           // wrong usage, or a set-up step failed: nothing ran
    EXIT_NOT_EXECUTABLE = 126,  // the command exists and cannot be executed
    EXIT_NOT_FOUND = 127,       // the command does not exist
};

// The host identity of a command that root starts: nobody, nogroup. It may access its own files, and files that are
// readable by others.
enum { SANDBOX_ID = 65534 };

enum { PLACES_MAX = 256, PATH_BYTES_MAX = 4096 };

enum place_kind {
    PLACE_COVER,     // empty and read-only inside
    PLACE_READABLE,  // the host's tree, also under a cover
};

// One path of the host and the command's view of it. Normal form: absolute, no `.`, `..` or empty component.
struct place {
    enum place_kind kind;
    const char *path;
    int id_map;  // user namespace through which the tree's owner appears as SANDBOX_ID; -1 if absent
    int tree;    // detached copy of the mount, made before anything covers it; -1 until then
};

struct options {
    struct place places[PLACES_MAX];  // sorted by path length after parsing, so deeper places come later and win
    size_t place_count;
    int lifeline;  // if its other end closes, everything inside is killed; -1 if absent
    bool check;    // perform every step, execute nothing
    char **command;
};

// Ends the program with 125 and one line if the arguments are invalid.
void parse_options(struct options *options, int count, char **arguments);

// The plan: the steps as data.
enum step_kind {
    STEP_MAP_IDS,             // maps the caller's id to the same number
    STEP_PRIVATE_MOUNTS,      // prevents mounts from propagating to the host
    STEP_COPY_TREE,           // copies a place's tree
    STEP_COPY_DEVICE,         // copies a device node
    STEP_READ_ONLY_ROOT,      // makes every existing mount read-only, without set-id bits and devices
    STEP_PROC,                // mounts the /proc of the new pid namespace
    STEP_DEVICES,             // mounts a /dev of five nodes
    STEP_SCRATCH,             // mounts an empty writable tmpfs
    STEP_COVER,               // covers a place
    STEP_ATTACH,              // attaches a place's copied tree
    STEP_SEAL,                // makes a cover read-only
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

// Plan the steps for pid 1 of the namespaces, and those for the command between its start and execve.
void plan_sandbox(struct plan *plan, struct options *options, bool as_root);
void plan_command(struct plan *plan);

// The flags of clone(2) for pid 1, and their description for a message.
unsigned long namespaces(bool as_root);
const char *namespace_names(bool as_root);

// Performs every step in order; a failure ends the process with 125 and a line that names step, path and errno.
void perform_plan(const struct plan *plan);

// Network (network.c); returns 0, or -1 with errno.
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
int enter_user_namespace(unsigned inside);  // in which the caller has the id `inside`
int forbid_user_namespaces(void);
int new_keyring(void);
int drop_capabilities(void);
// Opens a user namespace that maps `uid` and `gid` on disk to SANDBOX_ID, the form in which the kernel accepts the id
// map of a mount. The namespace exists as long as the descriptor is open.
int open_id_map(unsigned uid, unsigned gid);
// Called as root, before the namespaces: opens an id map for each tree whose owner is not SANDBOX_ID.
int prepare_id_maps(struct options *options);

// System calls (filter.c); returns 0, or -1 with errno.
int filter_calls(void);

// Executes the file at `path` (execute.c) only if it is exactly the one that is open as `program`. Returns only if it
// fails: -1 with errno, ESTALE for another file.
int execute_checked(const char *path, char *const arguments[], int program);
_Noreturn void execute(char *const command[]);

// Processes (processes.c).
pid_t start_process(unsigned long namespaces);  // forks into new namespaces; -1 with errno
void watch_launcher(int read_end);              // pid 1's side of the pipe whose write end the launcher holds
int die_with_launcher(void);
int default_signals(void);
// Blocks the signals that are passed on, before the command can run: the kernel drops a signal to pid 1 that is neither
// handled nor blocked, and an unblocked one would end the launcher.
void hold_signals(void);
int limit_resources(void);
_Noreturn void supervise(pid_t init, int lifeline);  // the launcher's loop, until pid 1 has ended
_Noreturn void be_init(pid_t command);               // pid 1's loop: passes signals on, reaps, ends with the command

// Writes one line on stderr and ends the process. `path` may be NULL, and `error` (an errno) 0.
_Noreturn void fail(int status, const char *what, const char *path, int error);

#endif
