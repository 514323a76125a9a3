// The kernel reads 32 bits of a request, a mode, a type and a family, so MASKED compares these alone; where a rule says
// what is allowed instead (DIFFERS, ABOVE), other bits only refuse more.
#define _GNU_SOURCE
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "CSeccomp.h"

// Calls that are newer than libseccomp 2.5.4; all machines share these numbers.
enum { FCHMODAT2 = 452, OPEN_TREE_ATTR = 467 };

enum { WITH_DEBUG = INTERLOCK_SECCOMP_DEBUG, WHEN_REDUCED = INTERLOCK_SECCOMP_REDUCED, WHEN_PAIRED = INTERLOCK_SECCOMP_PAIRED };

#define LOW 0xffffffffULL
#define TYPE 0xfULL  // the rest of a socket's type is flags
#define O_TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)

#define CALL(group, name, error, unless, only, ...) \
    {group, #name, SCMP_SYS(name), error, unless, only, {__VA_ARGS__}}
#define REFUSE(group, name) CALL(group, name, EPERM, 0, 0, {NO_TEST, 0, 0, 0})
#define MISSING(group, name) CALL(group, name, ENOSYS, 0, 0, {NO_TEST, 0, 0, 0})

#define NEW_NAMESPACE(flag) CALL("namespaces", clone, EPERM, 0, 0, {MASKED, 0, flag, flag})
#define REQUEST(value) CALL("terminal", ioctl, EPERM, 0, 0, {MASKED, 1, LOW, value})

// A file that is made or changed with a bit that another user's id is taken by.
#define SET_ID(name, argument)                                               \
    CALL("set-id bits", name, EPERM, 0, 0, {MASKED, argument, S_ISUID, S_ISUID}), \
        CALL("set-id bits", name, EPERM, 0, 0, {MASKED, argument, S_ISGID, S_ISGID})
#define OPEN_WITH(name, flags, flag, mode)                                                                      \
    CALL("set-id bits", name, EPERM, 0, 0, {MASKED, flags, flag, flag}, {MASKED, mode, S_ISUID, S_ISUID}),      \
        CALL("set-id bits", name, EPERM, 0, 0, {MASKED, flags, flag, flag}, {MASKED, mode, S_ISGID, S_ISGID})

#define FAMILY(value)                                                                \
    CALL("sockets", socket, EAFNOSUPPORT, 0, 0, {MASKED, 0, LOW, value}),            \
        CALL("sockets", socketpair, EAFNOSUPPORT, 0, 0, {MASKED, 0, LOW, value})
#define RAW(family, type) \
    CALL("sockets", socket, EPERM, 0, 0, {MASKED, 0, LOW, family}, {MASKED, 1, TYPE, type})

#define NOT_STREAM(type)                                                                         \
    CALL("reduced", socket, EPERM, 0, WHEN_REDUCED, {MASKED, 1, TYPE, type}),                         \
        CALL("reduced", socketpair, EPERM, 0, WHEN_REDUCED, {MASKED, 1, TYPE, type})
// A call that a test of one argument refuses without namespaces alone.
#define REDUCED(name, ...) CALL("reduced", name, EPERM, 0, WHEN_REDUCED, __VA_ARGS__)
// Landlock asks about connect alone, and a first segment with data connects too.
#define FAST_OPEN(name, flags) REDUCED(name, {MASKED, flags, MSG_FASTOPEN, MSG_FASTOPEN})
#define OF_OTHERS(name, process) REDUCED(name, {DIFFERS, process, 0, 0})
#define NOT_TCP(protocol) CALL("reduced", socket, EPERM, 0, WHEN_REDUCED, {MASKED, 2, LOW, protocol})

const struct rule interlock_rules[] = {
    REFUSE("mounts", mount),
    REFUSE("mounts", umount2),
    REFUSE("mounts", pivot_root),
    REFUSE("mounts", chroot),
    REFUSE("mounts", move_mount),
    REFUSE("mounts", open_tree),
    REFUSE("mounts", fsopen),
    REFUSE("mounts", fsconfig),
    REFUSE("mounts", fsmount),
    REFUSE("mounts", fspick),
    REFUSE("mounts", mount_setattr),
    {"mounts", "open_tree_attr", OPEN_TREE_ATTR, EPERM, 0, 0, {{NO_TEST, 0, 0, 0}}},

    REFUSE("namespaces", unshare),
    REFUSE("namespaces", setns),
    NEW_NAMESPACE(CLONE_NEWNS),
    NEW_NAMESPACE(CLONE_NEWCGROUP),
    NEW_NAMESPACE(CLONE_NEWUTS),
    NEW_NAMESPACE(CLONE_NEWIPC),
    NEW_NAMESPACE(CLONE_NEWUSER),
    NEW_NAMESPACE(CLONE_NEWPID),
    NEW_NAMESPACE(CLONE_NEWNET),
    MISSING("namespaces", clone3),  // its flags lie in memory; programs then use clone

    MISSING("unfilterable", io_uring_setup),
    MISSING("unfilterable", io_uring_enter),
    MISSING("unfilterable", io_uring_register),
    MISSING("unfilterable", openat2),
    {"unfilterable", "fchmodat2", FCHMODAT2, ENOSYS, 0, 0, {{NO_TEST, 0, 0, 0}}},

    REFUSE("kernel", keyctl),
    REFUSE("kernel", add_key),
    REFUSE("kernel", request_key),
    REFUSE("kernel", bpf),
    REFUSE("kernel", perf_event_open),
    REFUSE("kernel", userfaultfd),
    REFUSE("kernel", kexec_load),
    REFUSE("kernel", kexec_file_load),
    REFUSE("kernel", init_module),
    REFUSE("kernel", finit_module),
    REFUSE("kernel", delete_module),

    CALL("processes", ptrace, EPERM, WITH_DEBUG, 0, {NO_TEST, 0, 0, 0}),
    CALL("processes", process_vm_readv, EPERM, WITH_DEBUG, 0, {NO_TEST, 0, 0, 0}),
    CALL("processes", process_vm_writev, EPERM, WITH_DEBUG, 0, {NO_TEST, 0, 0, 0}),
    REFUSE("processes", pidfd_getfd),
    // The launcher's limit of core files stays as it is: the call succeeds and changes nothing, because programs that
    // lower it to 0 take an error for fatal.
    CALL("processes", setrlimit, 0, 0, 0, {MASKED, 0, LOW, RLIMIT_CORE}),
    CALL("processes", prlimit64, 0, 0, 0, {MASKED, 1, LOW, RLIMIT_CORE}, {DIFFERS, 2, 0, 0}),
    REFUSE("processes", kcmp),

    REFUSE("files", open_by_handle_at),
    REFUSE("files", quotactl),
    REFUSE("files", quotactl_fd),
    REFUSE("files", fanotify_init),
    REFUSE("files", acct),
    REFUSE("files", swapon),
    REFUSE("files", swapoff),

    REFUSE("machine", reboot),
    REFUSE("machine", settimeofday),
    REFUSE("machine", clock_settime),
    REFUSE("machine", clock_adjtime),
    REFUSE("machine", adjtimex),
    REFUSE("machine", stime),
    REFUSE("machine", syslog),
    REFUSE("machine", vhangup),
    REFUSE("machine", iopl),
    REFUSE("machine", ioperm),
    REFUSE("machine", modify_ldt),
    REFUSE("machine", personality),
    REFUSE("machine", vmsplice),

    REQUEST(TIOCSTI),
    REQUEST(TIOCLINUX),

    // All families but UNIX (1), INET (2), INET6 (10) and NETLINK (16).
    FAMILY(0), FAMILY(3), FAMILY(4), FAMILY(5), FAMILY(6), FAMILY(7), FAMILY(8), FAMILY(9),
    FAMILY(11), FAMILY(12), FAMILY(13), FAMILY(14), FAMILY(15),
    CALL("sockets", socket, EAFNOSUPPORT, 0, 0, {ABOVE, 0, 0, AF_NETLINK}),
    CALL("sockets", socketpair, EAFNOSUPPORT, 0, 0, {ABOVE, 0, 0, AF_NETLINK}),
    CALL("sockets", socket, EAFNOSUPPORT, 0, 0, {MASKED, 0, LOW, AF_NETLINK}, {DIFFERS, 2, 0, NETLINK_ROUTE}),
    // Every netlink socket is raw, so its type does not count.
    RAW(AF_INET, SOCK_RAW), RAW(AF_INET, SOCK_PACKET), RAW(AF_INET6, SOCK_RAW), RAW(AF_INET6, SOCK_PACKET),

    SET_ID(chmod, 1),
    SET_ID(fchmod, 1),
    SET_ID(fchmodat, 2),
    SET_ID(mknod, 1),
    SET_ID(mknodat, 2),
    SET_ID(creat, 1),
    OPEN_WITH(open, 1, O_CREAT, 2),
    OPEN_WITH(open, 1, O_TMPFILE_BIT, 2),
    OPEN_WITH(openat, 2, O_CREAT, 3),
    OPEN_WITH(openat, 2, O_TMPFILE_BIT, 3),

    CALL("reduced", socket, EAFNOSUPPORT, 0, WHEN_REDUCED, {MASKED, 0, LOW, AF_UNIX}),
    CALL("reduced", socket, EAFNOSUPPORT, 0, WHEN_REDUCED, {MASKED, 0, LOW, AF_NETLINK}),
    NOT_STREAM(0), NOT_STREAM(2), NOT_STREAM(3), NOT_STREAM(4), NOT_STREAM(5), NOT_STREAM(6), NOT_STREAM(7),
    NOT_STREAM(8), NOT_STREAM(9), NOT_STREAM(10), NOT_STREAM(11), NOT_STREAM(12), NOT_STREAM(13), NOT_STREAM(14),
    NOT_STREAM(15),
    // All protocols but 0 (the default) and 6.
    NOT_TCP(1), NOT_TCP(2), NOT_TCP(3), NOT_TCP(4), NOT_TCP(5),
    CALL("reduced", socket, EPERM, 0, WHEN_REDUCED, {ABOVE, 2, 0, IPPROTO_TCP}),
    FAST_OPEN(sendto, 3), FAST_OPEN(sendmsg, 2), FAST_OPEN(sendmmsg, 3),
    // The user's other processes: their limits and priorities, and the memory that they share by number or name.
    OF_OTHERS(prlimit64, 0), OF_OTHERS(sched_setaffinity, 0), OF_OTHERS(sched_setscheduler, 0),
    OF_OTHERS(sched_setparam, 0), OF_OTHERS(sched_setattr, 0), OF_OTHERS(setpriority, 1), OF_OTHERS(ioprio_set, 1),
    REDUCED(shmget, {NO_TEST, 0, 0, 0}), REDUCED(shmat, {NO_TEST, 0, 0, 0}), REDUCED(shmctl, {NO_TEST, 0, 0, 0}),
    REDUCED(semget, {NO_TEST, 0, 0, 0}), REDUCED(semop, {NO_TEST, 0, 0, 0}), REDUCED(semtimedop, {NO_TEST, 0, 0, 0}),
    REDUCED(semctl, {NO_TEST, 0, 0, 0}),
    REDUCED(msgget, {NO_TEST, 0, 0, 0}), REDUCED(msgsnd, {NO_TEST, 0, 0, 0}), REDUCED(msgrcv, {NO_TEST, 0, 0, 0}),
    REDUCED(msgctl, {NO_TEST, 0, 0, 0}), REDUCED(mq_open, {NO_TEST, 0, 0, 0}), REDUCED(mq_unlink, {NO_TEST, 0, 0, 0}),

    // With the network of the host abstract sockets are there, and in folders of the host others may be.
    CALL("paired", socket, EAFNOSUPPORT, WHEN_REDUCED, WHEN_PAIRED, {MASKED, 0, LOW, AF_UNIX}),
    // A datagram socket, once it is made, sends to any path. The kernel takes a raw unix socket for one.
    CALL("paired", socketpair, ESOCKTNOSUPPORT, WHEN_REDUCED, WHEN_PAIRED, {MASKED, 1, SOCK_DGRAM, SOCK_DGRAM}),
};

const size_t interlock_rule_count = sizeof interlock_rules / sizeof interlock_rules[0];
