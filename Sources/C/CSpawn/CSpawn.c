#include "CSpawn.h"
int interlock_spawn_unused(void) { return 0; }
