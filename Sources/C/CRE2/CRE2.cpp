#include "CRE2.h"
extern "C" int interlock_re2_unused(void) { return 0; }
