// The targets of the file tree, checked against each other.
#ifndef INTERLOCK_TARGETS_H
#define INTERLOCK_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "CLaunch.h"

// Sets each entry's `parent`. Returns false if two targets are equal, one comes before a target above it, or one lies
// where it must not.
bool find_parents(struct interlock_entry *entries, size_t count);

#endif
