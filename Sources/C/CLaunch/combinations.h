// The parts of a specification that go together.
#ifndef INTERLOCK_COMBINATIONS_H
#define INTERLOCK_COMBINATIONS_H

#include <stdbool.h>

#include "CLaunch.h"

// Returns whether the isolation, backend, network and file tree are one of the combinations of CLaunch.h. The parents of
// the entries are known.
bool is_combination(const struct interlock_spec *spec);

#endif
