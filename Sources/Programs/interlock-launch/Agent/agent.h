// Declarations shared by the parts of `interlock-launch --spec`. The order of work is in steps.c.
#ifndef INTERLOCK_AGENT_H
#define INTERLOCK_AGENT_H

#include <linux/filter.h>

#include "../launch.h"
#include "../spec.h"

enum { TREES_MAX = INTERLOCK_SPEC_RECORDS_MAX };

struct sandbox {
    struct interlock_spec spec;
    bool is_check;  // perform every step, execute nothing
    char **program_arguments;  // the launcher's own
    int launcher;   // read end of a pipe: a byte once the ids are mapped; its end of file is the launcher's end
    int report;     // write end of the pipe of reports
    int landlock;   // ABI; 0 if it is off
    int inside;     // of bubblewrap: socket on which the launcher inside sends its pidfd; otherwise -1
    int go;         // of bubblewrap: write end of the pipe of `launcher`; otherwise -1
    int messages;   // of bubblewrap: read end of its standard error; otherwise -1
    int trees[TREES_MAX];   // by entry: detached copy of the source
    int layers[TREES_MAX];  // by entry: detached copy of an overlay's layer
    int id_maps[TREES_MAX];  // by entry: user namespace in which the source belongs to `nobody`; 0 for none
    int program;  // the open file that the command must be; -1 without one
};

enum { STEP_BYTES_MAX = 32 };

enum report_kind {
    REPORT_REFUSED,       // isolation is not available: `reason`, `step`, `value` (errno)
    REPORT_FAILED,        // `step`, `value` (errno)
    REPORT_CHECKED,       // every step succeeded; `value` is the ABI of Landlock
    REPORT_EXECUTING,     // the next system call is the execution; `value` is the ABI of Landlock
    REPORT_NOT_EXECUTED,  // it failed; `value` (errno)
    REPORT_EXECUTED,
    REPORT_PEAK,          // `value` is the most memory of one process that pid 1 has reaped, in KiB
    REPORT_ENDED,         // `value` is the wait status of the command
};

// What a process inside says to the launcher, by one write.
struct report {
    enum report_kind kind;
    int value;
    char step[STEP_BYTES_MAX], reason[STEP_BYTES_MAX];
};

// One step. `entry` is NULL unless the step performs a record of the file tree. Returns 0, or -1 with errno.
struct agent_step {
    const char *name;  // at most STEP_BYTES_MAX - 1 bytes of a-z and -
    int (*perform)(struct sandbox *sandbox, const struct interlock_entry *entry);
};

// Steps (steps.c). A failure is reported and ends the process.
void set_up_sandbox(struct sandbox *sandbox);
void set_up_inside(struct sandbox *sandbox);   // pid 1 of bubblewrap's namespaces
void set_up_on_host(struct sandbox *sandbox);  // without namespaces
void confine_command(struct sandbox *sandbox);

// Refusals (refusals.c): the reason for which this host cannot isolate the command, or NULL.
const char *refusal_of_host(const struct interlock_spec *spec);
const char *refusal_of_clone(int error, bool has_clone3, bool into_cgroup);
const char *refusal_of_step(const char *step, int error);
const char *refusal_of_bubblewrap(const char *messages);  // by what it printed

// Reports and status (reports.c).
// Returns whether it was written.
bool send_report(int descriptor, enum report_kind kind, int value, const char *step, const char *reason);
void write_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void refuse_launch(const char *reason, const char *step, int error);
_Noreturn void fail_launch(const char *step, int error);

// Descriptors 3, 4 and 5 (memfds.c). Return 0, or -1 with errno; EBADMSG if the form is wrong.
int read_specification(struct interlock_spec *spec);
int read_environment(struct interlock_environment *environment);
// Closes descriptor 4, in each process that has no use for it any more: while the command runs, no process has it.
int leave_environment(void);
int map_filter(struct sock_fprog *program);

// The launcher's own part (launch.c), and its loop (watch.c).
_Noreturn void launch_from_spec(char **arguments, bool is_check);
_Noreturn void check_spec(void);
_Noreturn void watch(const struct sandbox *sandbox, int pidfd, int reports);
// pid 1 and the command (inside.c).
_Noreturn void run_inside(struct sandbox *sandbox);
// Starts the command below this process; returns once it was executed, or has ended (inside.c).
pid_t start_command(struct sandbox *sandbox);
// Closes all descriptors but `count` ones, which get the numbers from 3 on in their order (inside.c).
void keep_descriptors(const int *kept, int count);

// A child with its pidfd.
struct started {
    pid_t pid;  // 0 inside, -1 with errno
    int pidfd;
    bool has_clone3;
};

// Without namespaces: the process above the command (host.c), and the end of what it leaves (descendants.c).
_Noreturn void run_on_host(struct sandbox *sandbox);
// Kills every process below this one, a subreaper, until none is left.
void end_descendants(void);
// Returns 0 if `end_descendants` works here, or -1 with errno.
int require_descendants(void);
// The number of tasks of the caller's user on this host (descendants.c).
unsigned long long count_own_tasks(void);

// bubblewrap: its arguments (arguments.c), its start (bubblewrap.c), and the launcher inside (inner.c).
//
// Numbers of the descriptors that the launcher inside gets besides 3 to 6.
enum inner_descriptor {
    INNER_LAUNCHER = 10,  // read end of the pipe of `launcher`
    INNER_REPORT = 11,
    INNER_SOCKET = 12,    // the other end of `inside`
    INNER_STREAMS = 13,   // the command's three
    INNER_ARGUMENTS = 16, // bubblewrap's own
    INNER_LAST = INNER_ARGUMENTS,
    // The descriptors that bubblewrap's arguments name have higher numbers.
    INNER_FIRST_SOURCE = 64,
};
#define INNER_PROGRAM "/etc/interlock/launch"
// Makes the memfd of bubblewrap's arguments, and opens all that they name. Returns it, or -1 with errno.
int make_arguments(const struct sandbox *sandbox);
// Starts it as a child: its pid, or -1 with errno.
struct started start_bubblewrap(struct sandbox *sandbox, int launcher, int report);
_Noreturn void run_inner(char **arguments, bool is_check);

// With NOBODY (nobody.c). Called before the namespaces: opens the id map of each owned source; 0, or -1 with errno.
int prepare_owned(struct sandbox *sandbox);
// Lets what belongs to the owner of a source appear as `nobody`'s, if the file system can.
int map_owner(int tree, int id_map);
// The options of a tmpfs that belongs to the command.
const char *owner_options(const struct sandbox *sandbox);
int give_to_command(const struct sandbox *sandbox, int file);

// Steps of pid 1, in the files named.
int take_identity(struct sandbox *, const struct interlock_entry *);       // nobody.c
int hand_out_listeners(struct sandbox *, const struct interlock_entry *);  // listeners.c
int send_pidfd(struct sandbox *, const struct interlock_entry *);          // inner.c
int open_source(struct sandbox *, const struct interlock_entry *);         // sources.c
int open_system_sources(struct sandbox *, const struct interlock_entry *);
int mount_scaffold(struct sandbox *, const struct interlock_entry *);      // scaffold.c
int seal_root(struct sandbox *, const struct interlock_entry *);
int enter_root(struct sandbox *, const struct interlock_entry *);
int make_proc(struct sandbox *, const struct interlock_entry *);           // system.c
int mask_proc(struct sandbox *, const struct interlock_entry *);
int make_devices(struct sandbox *, const struct interlock_entry *);
int make_terminals(struct sandbox *, const struct interlock_entry *);
int seal_devices(struct sandbox *, const struct interlock_entry *);
int make_bind(struct sandbox *, const struct interlock_entry *);           // mounting.c
int make_overlay(struct sandbox *, const struct interlock_entry *);
int make_tmpfs(struct sandbox *, const struct interlock_entry *);
int make_symlink(struct sandbox *, const struct interlock_entry *);        // files.c
int make_file(struct sandbox *, const struct interlock_entry *);
int make_folder(struct sandbox *, const struct interlock_entry *);
int make_run_file(struct sandbox *, const struct interlock_entry *);
int make_secrets(struct sandbox *, const struct interlock_entry *);
// A step of the command.
int confine_by_landlock(struct sandbox *, const struct interlock_entry *);  // landlock.c

// Sends descriptors to the supervisor, or by another socket, without waiting (listeners.c). Return 0, or -1 with errno.
int hand_over(char kind, const int *descriptors, size_t count);
int send_descriptors(int socket, char kind, const int *descriptors, size_t count);
// Receives one descriptor that is there. Returns it, or -1 with errno; EPIPE at the end.
int receive_descriptor(int socket);
// Opens a path outside of which no component is a symbolic link (sources.c): O_PATH, or -1 with errno.
int open_outside(const char *path);

// The files of /proc that are covered; ends with NULL.
extern const char *const masked_files[];

// The device nodes that exist inside, without /dev/; ends with NULL. `tty` is the last one, and optional.
extern const char *const device_names[];
// Detached copies of these nodes, by index.
extern int device_trees[];

// Mounts (scaffold.c). Each returns 0 or a descriptor, or -1 with errno.
//
// Opens (O_PATH) what is at an absolute path of the root under construction, without following a symbolic link.
int open_inside(const char *path);
// Opens the directory that holds `path`, and points `name` to the last component. Makes missing directories if
// `may_make`.
int open_parent(const char *path, bool may_make, const char **name);
int set_mount(int tree, unsigned flags, unsigned long long attributes);
int copy_mount(int descriptor);
// Moves a detached tree onto an open directory or file, and closes both.
int attach_tree(int tree, int target);
int mount_tmpfs(const char *path, unsigned mode, unsigned long long bytes, unsigned inodes, unsigned long flags,
                const char *owner);
// Opens a path of the host of which no component is a symbolic link (sources.c).
int open_outside(const char *path);

// The ABI of Landlock in this kernel, 0 if it is missing or off.
int landlock_abi(void);

// Closes a descriptor and keeps errno. Returns `result`.
int close_with(int descriptor, int result);

#endif
