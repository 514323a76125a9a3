#ifndef INTERLOCK_FUTEX_H
#define INTERLOCK_FUTEX_H
// A signal from any thread to one that waits: a system call for each side only if the other sleeps (futex(2)).
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { interlock_signal_none, interlock_signal_sent, interlock_signal_awaited };

struct interlock_signal { _Atomic uint32_t state; };

static inline struct interlock_signal *interlock_signal_new(void) {
    return (struct interlock_signal *)calloc(1, sizeof(struct interlock_signal));
}

static inline void interlock_signal_free(struct interlock_signal *signal) { free(signal); }

static inline void interlock_signal_send(struct interlock_signal *signal) {
    if (atomic_exchange(&signal->state, interlock_signal_sent) == interlock_signal_awaited)
        syscall(SYS_futex, &signal->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

// Takes a signal, or waits for one: at most so many milliseconds, or without end if negative. May return without one.
static inline void interlock_signal_wait(struct interlock_signal *signal, int milliseconds) {
    uint32_t none = interlock_signal_none;
    if (!atomic_compare_exchange_strong(&signal->state, &none, interlock_signal_awaited)) {
        atomic_exchange(&signal->state, interlock_signal_none);
        return;
    }
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    syscall(SYS_futex, &signal->state, FUTEX_WAIT_PRIVATE, interlock_signal_awaited,
            milliseconds < 0 ? NULL : &limit, NULL, 0);
    atomic_exchange(&signal->state, interlock_signal_none);
}
#endif
