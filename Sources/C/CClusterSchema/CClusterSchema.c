// Embeds the steps (C23, 6.10.4). A released step is never changed: the store has its digest.
#include "CClusterSchema.h"

static const unsigned char roles[] = {
#embed "files/roles.sql"
};

static const unsigned char step1[] = {
#embed "files/0001-chain.sql"
};

static const unsigned char step2[] = {
#embed "files/0002-requests.sql"
};

static const unsigned char step3[] = {
#embed "files/0003-runs-and-limits.sql"
};

static const unsigned char step4[] = {
#embed "files/0004-people.sql"
};

static const unsigned char step5[] = {
#embed "files/0005-messages.sql"
};

static const unsigned char step6[] = {
#embed "files/0006-members.sql"
};

static const unsigned char step7[] = {
#embed "files/0007-generation.sql"
};

static const unsigned char step8[] = {
#embed "files/0008-requests.sql"
};

static const unsigned char step9[] = {
#embed "files/0009-runs-and-limits.sql"
};

static const unsigned char step10[] = {
#embed "files/0010-leases.sql"
};

static const unsigned char step11[] = {
#embed "files/0011-people.sql"
};

static const unsigned char step12[] = {
#embed "files/0012-messages.sql"
};

static const unsigned char step13[] = {
#embed "files/0013-rights.sql"
};

static const unsigned char step14[] = {
#embed "files/0014-status.sql"
};

static const struct {
    const char *name;
    const unsigned char *text;
    size_t count;
} steps[] = {
    {"0001-chain.sql", step1, sizeof step1},
    {"0002-requests.sql", step2, sizeof step2},
    {"0003-runs-and-limits.sql", step3, sizeof step3},
    {"0004-people.sql", step4, sizeof step4},
    {"0005-messages.sql", step5, sizeof step5},
    {"0006-members.sql", step6, sizeof step6},
    {"0007-generation.sql", step7, sizeof step7},
    {"0008-requests.sql", step8, sizeof step8},
    {"0009-runs-and-limits.sql", step9, sizeof step9},
    {"0010-leases.sql", step10, sizeof step10},
    {"0011-people.sql", step11, sizeof step11},
    {"0012-messages.sql", step12, sizeof step12},
    {"0013-rights.sql", step13, sizeof step13},
    {"0014-status.sql", step14, sizeof step14},
};

const unsigned char *interlock_cluster_roles(size_t *count) {
    *count = sizeof roles;
    return roles;
}

unsigned interlock_cluster_steps(void) { return sizeof steps / sizeof steps[0]; }

const char *interlock_cluster_step_name(unsigned number) {
    return number >= 1 && number <= interlock_cluster_steps() ? steps[number - 1].name : NULL;
}

const unsigned char *interlock_cluster_step(unsigned number, size_t *count) {
    if (number < 1 || number > interlock_cluster_steps()) {
        *count = 0;
        return NULL;
    }
    *count = steps[number - 1].count;
    return steps[number - 1].text;
}
