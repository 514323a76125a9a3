#define _GNU_SOURCE
#include "CHookGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char stopped_line[] = "interlock: denied (hook-failed) the hook adapter was stopped by a signal\n";
static const char late_line[] = "interlock: denied (hook-timeout) no decision within the time limit\n";
static const char closed_line[] = "interlock: denied (hook-failed) a standard stream is closed\n";
static const char unguarded_line[] = "interlock: denied (hook-failed) the hook adapter cannot guard itself\n";
static const char output_line[] = "interlock: denied (hook-output) standard output cannot be written\n";

// Standard output and standard error as they were at the start. Descriptors 1 and 2 lead to /dev/null: the Swift runtime
// reports a trap there.
static int output = 1, lines = 2;
static char **words = NULL, **variables = NULL;
static struct timespec started;
// True once the line of a refusal is written: there is one line at most.
static volatile sig_atomic_t is_explained = 0;
// Not taken from the heap, which the process may have exhausted.
static char signal_stack[16384] __attribute__((aligned(16)));
// The refusal of an event that exit 2 does not stop.
// INVARIANT: while `prepared_count` is not 0, that many bytes of `prepared` are one whole answer, and no byte of
// another one was written.
static char prepared[INTERLOCK_HOOK_PREPARED_BYTES];
static atomic_size_t prepared_count = 0;
_Static_assert(sizeof(size_t) == sizeof(long) && ATOMIC_LONG_LOCK_FREE == 2, "a handler reads it without a lock");

// Ends without waiting: a line that the reader of the lines does not take now is dropped.
static noreturn void refuse(const char *line, size_t length) {
    struct pollfd out = {.fd = lines, .events = POLLOUT};
    if (!is_explained && poll(&out, 1, 0) == 1 && (out.revents & POLLOUT)) {
        ssize_t ignored = write(lines, line, length);
        (void)ignored;
    }
    _exit(2);
}

#define REFUSE(line) refuse(line, sizeof line - 1)

// Writes in a handler, where no other signal comes and nothing may wait for long. Returns false if not all was written:
// the reader is gone, or took nothing for a second. No write waits, because poll found room for PIPE_BUF bytes.
static bool write_soon(int descriptor, const char *bytes, size_t count) {
    struct pollfd out = {.fd = descriptor, .events = POLLOUT};
    while (count > 0) {
        if (poll(&out, 1, 1000) != 1 || !(out.revents & POLLOUT)) return false;
        ssize_t written = write(descriptor, bytes, count < PIPE_BUF ? count : PIPE_BUF);
        if (written <= 0) return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static void on_signal(int number) {
    size_t count = atomic_load(&prepared_count);
    if (count > 0 && write_soon(output, prepared, count)) _exit(0);
    if (number == SIGALRM) REFUSE(late_line);
    if (number == SIGPIPE) REFUSE(output_line);
    REFUSE(stopped_line);
}

// Signals that do nothing by default, and those that no process can catch.
static bool is_left(int number) {
    switch (number) {
    case SIGKILL:
    case SIGSTOP:
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH: return true;
    default: return false;
    }
}

static void catch_signals(void) {
    stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    sigfillset(&action.sa_mask);
    if (sigaltstack(&stack, NULL) != 0) REFUSE(unguarded_line);
    for (int number = 1; number <= SIGRTMAX; number++) {
        // The C library keeps the two below SIGRTMIN for its threads, of which there are none.
        if (is_left(number) || (number > SIGSYS && number < SIGRTMIN)) continue;
        if (sigaction(number, &action, NULL) != 0) REFUSE(unguarded_line);
    }
    // The host's mask is inherited: a blocked fault ends the process without a handler.
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) REFUSE(unguarded_line);
}

static long elapsed_milliseconds(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) REFUSE(unguarded_line);
    return (now.tv_sec - started.tv_sec) * 1000 + (now.tv_nsec - started.tv_nsec) / 1000000;
}

// An interval timer: unlike timer_create it needs no room among the user's pending signals (RLIMIT_SIGPENDING).
void interlock_hook_deadline(int milliseconds) {
    long left = (long)milliseconds - elapsed_milliseconds();
    if (left < 1) left = 1;
    struct itimerval timer = {.it_value = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000}};
    if (setitimer(ITIMER_REAL, &timer, NULL) != 0) REFUSE(unguarded_line);
}

static void take_streams(void) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int first = fcntl(1, F_DUPFD_CLOEXEC, 3), second = fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (nothing < 0 || first < 0 || second < 0) REFUSE(unguarded_line);
    lines = second;
    output = first;
    if (dup2(nothing, 1) != 1 || dup2(nothing, 2) != 2) REFUSE(unguarded_line);
}

static bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

// The earliest code of the program, before the constructors of the C++ and Swift runtimes.
static void begin(int count, char **arguments, char **environment) {
    (void)count;
    words = arguments;
    if (clock_gettime(CLOCK_MONOTONIC, &started) != 0) REFUSE(unguarded_line);
    catch_signals();
    interlock_hook_deadline(INTERLOCK_HOOK_FIRST_DEADLINE_MS);
    // A file that is opened next would take the number of a closed stream, and the answer would go there.
    if (!is_open(0) || !is_open(1) || !is_open(2)) REFUSE(closed_line);
    take_streams();
    // Any process of the same user could make the adapter answer "allow" otherwise.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    static char quiet[] = "SWIFT_BACKTRACE=enable=no";
    static char *own[] = {quiet, NULL};
    variables = environment;
    environ = own;
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = begin;

void interlock_hook_guard(void) {
    if (words == NULL) REFUSE(unguarded_line);
    catch_signals();
}

const char *interlock_hook_argument(int number) {
    for (int i = 0; words[i] != NULL; i++)
        if (i == number) return words[i];
    return NULL;
}

const char *interlock_hook_variable(const char *name) {
    size_t length = strlen(name);
    for (char **variable = variables; *variable != NULL; variable++)
        if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=') return *variable + length + 1;
    return NULL;
}

void interlock_hook_prepare(const void *bytes, size_t count) {
    if (atomic_load(&prepared_count) != 0 || count == 0 || count > sizeof prepared) return;
    memcpy(prepared, bytes, count);
    atomic_store(&prepared_count, count);
}

// Waits as long as the reader needs, up to the time limit. Returns false if not all was written.
static bool write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd out = {.fd = descriptor, .events = POLLOUT};
            poll(&out, 1, -1);
            continue;
        }
        if (written <= 0) return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

// Returns true if the output has no reader any more. A host that waits for an answer does not close its end.
static bool is_reader_gone(void) {
    struct pollfd out = {.fd = output, .events = 0};
    return poll(&out, 1, 0) == 1;
}

noreturn void interlock_hook_allow(const void *bytes, size_t count) {
    atomic_store(&prepared_count, 0);
    if (!write_all(output, bytes, count) || is_reader_gone()) REFUSE(output_line);
    _exit(0);
}

noreturn void interlock_hook_deny(const void *bytes, size_t count, const char *line) {
    atomic_store(&prepared_count, 0);
    char text[2048];
    size_t length = strlen(line);
    if (length == 0 || length >= sizeof text) REFUSE(stopped_line);
    memcpy(text, line, length);
    text[length++] = '\n';
    // The line first: hosts that need it on standard error take an exit 2 alone for an error.
    is_explained = write_all(lines, text, length);
    write_all(output, bytes, count);
    _exit(2);
}
