// Embeds the rules (C23, 6.10.4).
#include "CScanRules.h"

static const unsigned char secrets[] = {
#embed "files/secrets.json"
};

static const unsigned char services[] = {
#embed "files/services.json"
};

static const unsigned char keywords[] = {
#embed "files/keywords.json"
};

static const unsigned char personal[] = {
#embed "files/personal.json"
};

const unsigned char *interlock_scan_rules(enum interlock_scan_file file, size_t *count) {
    switch (file) {
    case INTERLOCK_SCAN_SECRETS:
        *count = sizeof secrets;
        return secrets;
    case INTERLOCK_SCAN_SERVICES:
        *count = sizeof services;
        return services;
    case INTERLOCK_SCAN_KEYWORDS:
        *count = sizeof keywords;
        return keywords;
    case INTERLOCK_SCAN_PERSONAL:
        *count = sizeof personal;
        return personal;
    }
    *count = 0;
    return NULL;
}
