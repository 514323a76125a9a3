// The three memfds of the supervisor, whose seals keep them from changing between the check and the use.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

struct mapping {
    void *bytes;
    size_t count;
};

static int map_sealed(int descriptor, struct mapping *mapping) {
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0) return -1;
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -1;
    if ((seals & SEALS) != SEALS || status.st_size < 1 || status.st_size > INTERLOCK_SPEC_BYTES_MAX) {
        errno = EBADMSG;
        return -1;
    }
    mapping->count = (size_t)status.st_size;
    mapping->bytes = mmap(NULL, mapping->count, PROT_READ, MAP_PRIVATE, descriptor, 0);
    return mapping->bytes == MAP_FAILED ? -1 : 0;
}

static int finish(struct mapping *mapping, int error) {
    munmap(mapping->bytes, mapping->count);
    errno = error;
    return error == 0 ? 0 : -1;
}

int read_specification(struct interlock_spec *spec) {
    struct mapping mapping;
    if (map_sealed(INTERLOCK_SPEC_DESCRIPTOR, &mapping) != 0) return -1;
    return finish(&mapping, interlock_spec_read(mapping.bytes, mapping.count, spec));
}

int read_environment(struct interlock_environment *environment) {
    struct mapping mapping;
    if (map_sealed(INTERLOCK_ENVIRONMENT_DESCRIPTOR, &mapping) != 0) return -1;
    return finish(&mapping, interlock_environment_read(mapping.bytes, mapping.count, environment));
}

int leave_environment(void) { return close(INTERLOCK_ENVIRONMENT_DESCRIPTOR); }

int map_filter(struct sock_fprog *program) {
    struct mapping mapping;
    if (map_sealed(INTERLOCK_FILTER_DESCRIPTOR, &mapping) != 0) return -1;
    size_t calls = mapping.count / sizeof(struct sock_filter);
    if (mapping.count % sizeof(struct sock_filter) != 0 || calls > INTERLOCK_FILTER_CALLS_MAX)
        return finish(&mapping, EBADMSG);
    *program = (struct sock_fprog){.len = (unsigned short)calls, .filter = mapping.bytes};
    return 0;
}
