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

const unsigned char *interlock_scan_rules(size_t number, size_t *count) {
    switch (number) {
    case 0:
        *count = sizeof secrets;
        return secrets;
    case 1:
        *count = sizeof services;
        return services;
    case 2:
        *count = sizeof keywords;
        return keywords;
    case 3:
        *count = sizeof personal;
        return personal;
    default:
        *count = 0;
        return NULL;
    }
}
