#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CSeccomp.h"
#include "table.h"

static bool applies(const struct rule *rule, unsigned variant) {
    return (rule->unless & variant) == 0 && (rule->only & variant) == rule->only;
}

static struct scmp_arg_cmp comparison(const struct test *test) {
    switch (test->kind) {
        case DIFFERS: return SCMP_CMP(test->argument, SCMP_CMP_NE, test->value, 0);
        case ABOVE: return SCMP_CMP(test->argument, SCMP_CMP_GT, test->value, 0);
        default: return SCMP_CMP(test->argument, SCMP_CMP_MASKED_EQ, test->mask, test->value);
    }
}

// Adds a rule; a call that this machine lacks needs none. Returns 0 or -errno.
static int add_rule(scmp_filter_ctx filter, const struct rule *rule) {
    struct scmp_arg_cmp comparisons[TESTS_MAX];
    unsigned count = 0;
    if (rule->call < 0) return 0;
    while (count < TESTS_MAX && rule->tests[count].kind != NO_TEST) {
        comparisons[count] = comparison(&rule->tests[count]);
        count++;
    }
    return seccomp_rule_add_exact_array(filter, SCMP_ACT_ERRNO((unsigned)rule->error), rule->call, count, comparisons);
}

static int add_rules(scmp_filter_ctx filter, unsigned variant) {
    // Other architectures, and x32 with them: their numbers name other calls.
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    // A binary tree over the numbers: a call passes about seven comparisons rather than all.
    if (result == 0) result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; result == 0 && i < interlock_rule_count; i++)
        if (applies(&interlock_rules[i], variant)) result = add_rule(filter, &interlock_rules[i]);
    return result;
}

static int seal(int memfd) {
    int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    return fcntl(memfd, F_ADD_SEALS, seals) == 0 ? 0 : -errno;
}

int interlock_seccomp_program(unsigned variant) {
    if (variant >= INTERLOCK_SECCOMP_VARIANTS) return -EINVAL;
    int memfd = memfd_create("seccomp", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memfd < 0) return -errno;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter == NULL ? -ENOMEM : add_rules(filter, variant);
    if (result == 0) result = seccomp_export_bpf(filter, memfd);
    if (filter != NULL) seccomp_release(filter);
    if (result == 0) result = seal(memfd);
    if (result == 0) return memfd;
    close(memfd);
    return result;
}

static void print_test(int fd, const struct test *test) {
    unsigned long long value = test->value, mask = test->mask;
    switch (test->kind) {
        case NO_TEST: break;
        case MASKED: dprintf(fd, " arg%u&0x%llx=0x%llx", test->argument, mask, value); break;
        case DIFFERS: dprintf(fd, " arg%u!=0x%llx", test->argument, value); break;
        case ABOVE: dprintf(fd, " arg%u>0x%llx", test->argument, value); break;
    }
}

int interlock_seccomp_print(unsigned variant, int fd) {
    if (variant >= INTERLOCK_SECCOMP_VARIANTS) return EINVAL;
    for (size_t i = 0; i < interlock_rule_count; i++) {
        const struct rule *rule = &interlock_rules[i];
        if (!applies(rule, variant)) continue;
        if (dprintf(fd, "%s: %s %s", rule->group, rule->name, strerrorname_np(rule->error)) < 0) return errno;
        for (size_t test = 0; test < TESTS_MAX; test++) print_test(fd, &rule->tests[test]);
        if (dprintf(fd, "\n") < 0) return errno;
    }
    return 0;
}
