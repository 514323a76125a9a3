// The system calls that an agent or a server must not make: one table, and the program that the kernel runs for it
// (docs/specs/sandbox.md, section 5). libseccomp translates the table; nothing else of the product uses it.
#ifndef INTERLOCK_CSECCOMP_H
#define INTERLOCK_CSECCOMP_H

// Which rules of the table apply, as bits.
enum interlock_seccomp_variant {
    INTERLOCK_SECCOMP_DEFAULT = 0,
    INTERLOCK_SECCOMP_DEBUG = 1,    // `allow_debug`: ptrace and process_vm_* are allowed
    INTERLOCK_SECCOMP_REDUCED = 2,  // no network namespace: TCP alone, unix sockets as connected streams alone
    // Folders of the host, or its network, are there: unix sockets as connected pairs alone, and no datagrams among them.
    INTERLOCK_SECCOMP_PAIRED = 4,
    INTERLOCK_SECCOMP_VARIANTS = 8,
};

// Builds the program of a variant in a sealed memfd of `struct sock_filter`, close-on-exec, as descriptor 5 of
// `interlock-launch --spec` wants it. Returns the descriptor, which the caller must close, or -errno.
int interlock_seccomp_program(unsigned variant);

// Writes the table of a variant to `fd`, a line a rule: `group name error [argument test]...`. Returns 0 or an errno.
int interlock_seccomp_print(unsigned variant, int fd);

#endif
