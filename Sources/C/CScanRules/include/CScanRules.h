// The rules by which values are found, as they lie in the folder `files`.
#ifndef INTERLOCK_CSCANRULES_H
#define INTERLOCK_CSCANRULES_H

#include <stddef.h>

// The text of one file, of static storage, and the number of its bytes; NULL behind the last one. The files are
// `secrets.json` (0), `services.json` (1), `keywords.json` (2) and `personal.json` (3).
const unsigned char *interlock_scan_rules(size_t number, size_t *count);

#endif
