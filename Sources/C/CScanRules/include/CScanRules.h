// The rules by which values are found, as they lie in the folder `files`.
#ifndef INTERLOCK_CSCANRULES_H
#define INTERLOCK_CSCANRULES_H

#include <stddef.h>

// The files, each named as the file.
enum interlock_scan_file {
    INTERLOCK_SCAN_SECRETS,
    INTERLOCK_SCAN_SERVICES,
    INTERLOCK_SCAN_KEYWORDS,
    INTERLOCK_SCAN_PERSONAL,
};

// The text of one file, of static storage, and the number of its bytes; NULL for another number.
const unsigned char *interlock_scan_rules(enum interlock_scan_file file, size_t *count);

#endif
