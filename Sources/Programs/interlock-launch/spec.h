// The launch specification. Its form (tags, descriptors, status lines) is in Sources/C/CLaunch/include/CLaunch.h, which
// the supervisor includes too.
#ifndef INTERLOCK_LAUNCH_SPEC_H
#define INTERLOCK_LAUNCH_SPEC_H
#include "CLaunch.h"
#endif
