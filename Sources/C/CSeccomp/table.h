// The table of refused system calls.
#ifndef INTERLOCK_SECCOMP_TABLE_H
#define INTERLOCK_SECCOMP_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { TESTS_MAX = 3 };

// A test of one argument.
struct test {
    enum { NO_TEST, MASKED, DIFFERS, ABOVE } kind;
    unsigned argument;
    uint64_t mask, value;  // MASKED: (argument & mask) == value; otherwise compared with `value` on all 64 bits
};

// A call that fails with `error` if every test holds.
struct rule {
    const char *group, *name;
    int call;   // a number, or a pseudo number of libseccomp for a call that this machine lacks
    int error;  // 0: the call returns 0 and does nothing
    unsigned unless, only;  // variants without and with which it applies; 0: no condition
    struct test tests[TESTS_MAX];
};

extern const struct rule interlock_rules[];
extern const size_t interlock_rule_count;

#endif
