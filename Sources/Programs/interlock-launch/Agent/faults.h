// Only in a build for tests (INTERLOCK_LAUNCH_FAULTS): steps that fail, never end or are left out, by variables of the
// launcher's environment, which a supervisor leaves empty.
//
//   INTERLOCK_FAULT=STEP[:ERRNO]  the step is performed, and then fails [default: EIO]
//   INTERLOCK_HANG=STEP           the step never ends
//   INTERLOCK_LEFT_OUT=STEP,...   the steps are not performed: attempts that they stop must succeed then
#include <stdio.h>
#include <stdlib.h>

static const char *fault, *hang, *left_out;

// The command's own environment replaces the launcher's.
__attribute__((constructor)) static void read_faults(void) {
    fault = getenv("INTERLOCK_FAULT");
    hang = getenv("INTERLOCK_HANG");
    left_out = getenv("INTERLOCK_LEFT_OUT");
}

static bool is_left_out(const char *name) {
    size_t length = strlen(name);
    const char *next = left_out;
    while (next != NULL) {
        if (strcspn(next, ",") == length && strncmp(next, name, length) == 0) return true;
        next = strchr(next, ',');
        if (next != NULL) next++;
    }
    return false;
}

static void inject(const char *name, int *result) {
    size_t length = strlen(name);
    if (hang != NULL && strcmp(hang, name) == 0)
        for (;;) pause();
    if (fault == NULL || strncmp(fault, name, length) != 0 || (fault[length] != '\0' && fault[length] != ':')) return;
    *result = -1;
    errno = EIO;
    if (fault[length] == ':') sscanf(fault + length + 1, "%d", &errno);
}
