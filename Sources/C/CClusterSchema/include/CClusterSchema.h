// The steps by which the schema of the cluster's store is made, as they lie in the folder `files`.
#ifndef INTERLOCK_CCLUSTERSCHEMA_H
#define INTERLOCK_CCLUSTERSCHEMA_H

#include <stddef.h>

// The version of the API schema (`il_v1`) that the steps end with.
enum { INTERLOCK_CLUSTER_API = 1 };

// The file of roles, which a superuser runs once. Static storage; `count` is the number of its bytes.
const unsigned char *interlock_cluster_roles(size_t *count);

// The number of steps. They are numbered from 1.
unsigned interlock_cluster_steps(void);

// The name of a step's file, ending in a zero byte, and its text, both of static storage; NULL for another number.
const char *interlock_cluster_step_name(unsigned number);
const unsigned char *interlock_cluster_step(unsigned number, size_t *count);

#endif
