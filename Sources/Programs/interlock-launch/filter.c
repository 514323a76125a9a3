// The system calls that the command must not make. The namespaces isolate the command; this filter closes the gaps that
// they leave: set-id bits on files that belong to another user on the host, keys, tracing, kernel interfaces, unusual
// sockets.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "no system call table for this machine"
#endif

enum { SET_ID = S_ISUID | S_ISGID, MAKES_FILE = O_CREAT | (O_TMPFILE & ~O_DIRECTORY) };
// Both architectures share the numbers from 424 on. Calls newer than the last reviewed one (futex_requeue, Linux 6.7)
// fail as on an older kernel until they are reviewed; open_tree_attr is one of them.
enum { X32_CALL = 0x40000000, FCHMODAT2 = 452, NEWEST_CALL = 456 };

enum test { ALWAYS, HAS_ANY, EQUALS, DIFFERS };

enum { CONDITIONS_MAX = 3 };

// The bit that every socket type number has which the kernel treats as a datagram of a unix socket: streams and
// sequenced packets (1 and 5) do not have it.
enum { DATAGRAM_BIT = SOCK_DGRAM & SOCK_RAW };

// A condition on the low 32 bits of one argument; the kernel reads no more of a mode, a request or a family.
struct condition {
    enum test test;
    unsigned argument, value;
};

// A call that fails with `error` if every condition holds.
struct rule {
    unsigned call;
    int error;
    struct condition conditions[CONDITIONS_MAX];
};

#define REFUSE(name) {SYS_##name, EPERM, {{ALWAYS, 0, 0}}}
#define MISSING(name) {SYS_##name, ENOSYS, {{ALWAYS, 0, 0}}}  // programs then use the older call

static const struct rule rules[] = {
    // Set-id bits.
    {SYS_fchmod, EPERM, {{HAS_ANY, 1, SET_ID}}},
    {SYS_fchmodat, EPERM, {{HAS_ANY, 2, SET_ID}}},
    {SYS_mknodat, EPERM, {{HAS_ANY, 2, SET_ID}}},
    {SYS_openat, EPERM, {{HAS_ANY, 2, MAKES_FILE}, {HAS_ANY, 3, SET_ID}}},
#ifdef SYS_open
    {SYS_chmod, EPERM, {{HAS_ANY, 1, SET_ID}}},
    {SYS_mknod, EPERM, {{HAS_ANY, 1, SET_ID}}},
    {SYS_creat, EPERM, {{HAS_ANY, 1, SET_ID}}},
    {SYS_open, EPERM, {{HAS_ANY, 1, MAKES_FILE}, {HAS_ANY, 2, SET_ID}}},
#endif
    // Calls whose arguments are in memory that no filter can read.
    MISSING(openat2), {FCHMODAT2, ENOSYS, {{ALWAYS, 0, 0}}},
    MISSING(io_uring_setup), MISSING(io_uring_enter), MISSING(io_uring_register),
    // Mounts and namespaces; the command has no capability for them either.
    REFUSE(mount), REFUSE(umount2), REFUSE(pivot_root), REFUSE(chroot), REFUSE(move_mount), REFUSE(open_tree),
    REFUSE(fsopen), REFUSE(fsconfig), REFUSE(fsmount), REFUSE(fspick), REFUSE(mount_setattr), REFUSE(unshare),
    REFUSE(setns),
    // Other processes, and keys that belong to the user rather than to the process.
    REFUSE(ptrace), REFUSE(process_vm_readv), REFUSE(process_vm_writev), REFUSE(pidfd_getfd), REFUSE(kcmp),
    REFUSE(keyctl), REFUSE(add_key), REFUSE(request_key),
    // The kernel and the machine.
    REFUSE(bpf), REFUSE(perf_event_open), REFUSE(userfaultfd), REFUSE(kexec_load), REFUSE(kexec_file_load),
    REFUSE(init_module), REFUSE(finit_module), REFUSE(delete_module), REFUSE(open_by_handle_at), REFUSE(quotactl),
    REFUSE(fanotify_init), REFUSE(acct), REFUSE(swapon), REFUSE(swapoff), REFUSE(reboot), REFUSE(settimeofday),
    REFUSE(clock_settime), REFUSE(clock_adjtime), REFUSE(adjtimex), REFUSE(syslog), REFUSE(vhangup),
    // Injection of input into a terminal.
    {SYS_ioctl, EPERM, {{EQUALS, 1, TIOCSTI}}},
    {SYS_ioctl, EPERM, {{EQUALS, 1, TIOCLINUX}}},
    // Only three socket families are permitted: a unix socket reaches every listener below a mounted path, a vsock
    // bypasses the network namespace, and other families are rarely tested. Netlink is limited to the protocol that the
    // resolution of host names uses.
    {SYS_socket, EAFNOSUPPORT, {{DIFFERS, 0, AF_INET}, {DIFFERS, 0, AF_INET6}, {DIFFERS, 0, AF_NETLINK}}},
    {SYS_socket, EPROTONOSUPPORT, {{EQUALS, 0, AF_NETLINK}, {DIFFERS, 2, NETLINK_ROUTE}}},
    // Connected pairs are permitted, except for datagrams, which such a socket can send to any path.
    {SYS_socketpair, EAFNOSUPPORT, {{DIFFERS, 0, AF_UNIX}}},
    {SYS_socketpair, ESOCKTNOSUPPORT, {{HAS_ANY, 1, DATAGRAM_BIT}}},
};

enum { RULES = sizeof rules / sizeof rules[0], PROGRAM_MAX = 11 + (3 + 2 * CONDITIONS_MAX) * RULES };

static struct sock_filter program[PROGRAM_MAX];
static unsigned short length;

static void emit(unsigned short code, unsigned value, unsigned char if_true, unsigned char if_false) {
    program[length++] = (struct sock_filter){code, if_true, if_false, value};
}

static void load(size_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0); }
static void answer(unsigned action) { emit(BPF_RET | BPF_K, action, 0, 0); }

static void emit_rule(const struct rule *rule) {
    unsigned conditions = 0;
    while (conditions < CONDITIONS_MAX && rule->conditions[conditions].test != ALWAYS) conditions++;
    load(offsetof(struct seccomp_data, nr));
    // The jump skips two instructions for each condition, and the verdict.
    emit(BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, (unsigned char)(2 * conditions + 1));
    for (unsigned i = 0; i < conditions; i++) {
        const struct condition *condition = &rule->conditions[i];
        load(offsetof(struct seccomp_data, args) + 8 * condition->argument);  // little-endian: the low half first
        unsigned short jump = condition->test == HAS_ANY ? BPF_JSET : BPF_JEQ;
        unsigned char rest = (unsigned char)(2 * (conditions - 1 - i) + 1);  // past this rule
        bool holds_if_true = condition->test != DIFFERS;
        emit(BPF_JMP | jump | BPF_K, condition->value, holds_if_true ? 0 : rest, holds_if_true ? rest : 0);
    }
    answer(SECCOMP_RET_ERRNO | (unsigned)rule->error);
}

int filter_calls(void) {
    length = 0;
    load(offsetof(struct seccomp_data, arch));
    emit(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
    answer(SECCOMP_RET_KILL_PROCESS);
#ifdef __x86_64__
    // Kills a process that uses the x32 call numbers, which the rules below do not cover.
    load(offsetof(struct seccomp_data, nr));
    emit(BPF_JMP | BPF_JSET | BPF_K, X32_CALL, 0, 1);
    answer(SECCOMP_RET_KILL_PROCESS);
#endif
    load(offsetof(struct seccomp_data, nr));
    emit(BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 1);
    answer(SECCOMP_RET_ERRNO | ENOSYS);
    for (size_t i = 0; i < RULES; i++) emit_rule(&rules[i]);
    answer(SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = length, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}
