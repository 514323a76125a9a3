// System calls that the command does not get. The walls are the namespaces; this closes what they leave open:
// set-id bits on files that belong to another user on the host, keys, tracing, kernel interfaces, odd sockets.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
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
enum { X32_CALL = 0x40000000, FCHMODAT2 = 452 };

enum test { ALWAYS, HAS_ANY, EQUALS };

// A condition on the low 32 bits of one argument: all the kernel looks at in a mode, a request or a family.
struct condition {
    enum test test;
    unsigned argument, value;
};

// Refused with `error` when every condition holds.
struct rule {
    unsigned call;
    int error;
    struct condition conditions[2];
};

#define REFUSE(name) {SYS_##name, EPERM, {{ALWAYS, 0, 0}}}
#define MISSING(name) {SYS_##name, ENOSYS, {{ALWAYS, 0, 0}}}  // programs then take the older way
#define FAMILY(name) {SYS_socket, EAFNOSUPPORT, {{EQUALS, 0, AF_##name}}}

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
    // What takes its arguments where no filter sees them.
    MISSING(openat2), {FCHMODAT2, ENOSYS, {{ALWAYS, 0, 0}}},
    MISSING(io_uring_setup), MISSING(io_uring_enter), MISSING(io_uring_register),
    // Mounts and namespaces: no capability for them anyway.
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
    // A terminal's input, typed for somebody else.
    {SYS_ioctl, EPERM, {{EQUALS, 1, TIOCSTI}}},
    {SYS_ioctl, EPERM, {{EQUALS, 1, TIOCLINUX}}},
    // Sockets past the network namespace, and rarely tested ones.
    FAMILY(VSOCK), FAMILY(ALG), FAMILY(PACKET), FAMILY(KEY), FAMILY(TIPC), FAMILY(RDS), FAMILY(BLUETOOTH),
    FAMILY(XDP), FAMILY(CAN), FAMILY(QIPCRTR), FAMILY(NFC), FAMILY(SMC),
};

enum { RULES = sizeof rules / sizeof rules[0], PROGRAM_MAX = 8 + 8 * RULES };

static struct sock_filter program[PROGRAM_MAX];
static unsigned short length;

static void emit(unsigned short code, unsigned value, unsigned char if_true, unsigned char if_false) {
    program[length++] = (struct sock_filter){code, if_true, if_false, value};
}

static void load(size_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0); }
static void answer(unsigned action) { emit(BPF_RET | BPF_K, action, 0, 0); }

static void emit_rule(const struct rule *rule) {
    unsigned conditions = 0;
    while (conditions < 2 && rule->conditions[conditions].test != ALWAYS) conditions++;
    load(offsetof(struct seccomp_data, nr));
    // Past two instructions for each condition, and the answer.
    emit(BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, (unsigned char)(2 * conditions + 1));
    for (unsigned i = 0; i < conditions; i++) {
        const struct condition *condition = &rule->conditions[i];
        load(offsetof(struct seccomp_data, args) + 8 * condition->argument);  // little-endian: the low half first
        unsigned short jump = condition->test == HAS_ANY ? BPF_JSET : BPF_JEQ;
        emit(BPF_JMP | jump | BPF_K, condition->value, 0, (unsigned char)(2 * (conditions - 1 - i) + 1));
    }
    answer(SECCOMP_RET_ERRNO | (unsigned)rule->error);
}

int filter_calls(void) {
    length = 0;
    load(offsetof(struct seccomp_data, arch));
    emit(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0);
    answer(SECCOMP_RET_KILL_PROCESS);
#ifdef __x86_64__
    // The third set of numbers on this machine, which the rules below do not name.
    load(offsetof(struct seccomp_data, nr));
    emit(BPF_JMP | BPF_JSET | BPF_K, X32_CALL, 0, 1);
    answer(SECCOMP_RET_KILL_PROCESS);
#endif
    for (size_t i = 0; i < RULES; i++) emit_rule(&rules[i]);
    answer(SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = length, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}
