// The rules by which secrets are found, as they lie in the folder `files`.
#ifndef INTERLOCK_CSCANRULES_H
#define INTERLOCK_CSCANRULES_H

#include <stddef.h>

// The text of `files/secrets.json`, of static storage, and the number of its bytes.
const unsigned char *interlock_scan_rules(size_t *count);

#endif
