// Embeds the rules (C23, 6.10.4).
#include "CScanRules.h"

static const unsigned char secrets[] = {
#embed "files/secrets.json"
};

const unsigned char *interlock_scan_rules(size_t *count) {
    *count = sizeof secrets;
    return secrets;
}
