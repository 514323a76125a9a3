#ifndef INTERLOCK_ALLOCATIONS_H
#define INTERLOCK_ALLOCATIONS_H

/// Calls of malloc, calloc, realloc and their aligned kin by this process since it began.
unsigned long interlock_allocations(void);

#endif
