// The ways in which the hook adapter ends: exit 0 or 2, whatever happens to it. Hosts take every other end for an error
// of the hook, and run the tool.
#ifndef INTERLOCK_CHOOKGUARD_H
#define INTERLOCK_CHOOKGUARD_H

#include <stddef.h>
#include <stdnoreturn.h>

// The time limit until `interlock_hook_deadline` sets that of the host: the shortest of all hosts.
enum { INTERLOCK_HOOK_FIRST_DEADLINE_MS = 10000 };

// Makes every signal that would end or stop this process, and the end of the time limit, write one constant line to
// descriptor 2 and exit 2, or write what `interlock_hook_prepare` got. It runs before the constructors of the program
// and must be called again as the first act of main, because the Swift runtime may have taken handlers meanwhile. The
// first call also keeps descriptors 1 and 2 for the functions below, closes the process to debuggers of the same user,
// and takes its environment away: settings of the Swift runtime must not come from the host.
void interlock_hook_guard(void);

// Sets the time limit, in milliseconds since the start of the process.
void interlock_hook_deadline(int milliseconds);

// The most bytes of a prepared answer.
enum { INTERLOCK_HOOK_PREPARED_BYTES = 256 << 10 };

// Prepares the refusal of an event that exit 2 does not stop, once: from now on a signal and the end of the time limit
// write a copy of these bytes to standard output and exit 0. If the host does not read them, they end with a line and
// exit 2, as for all other events. No bytes, or more than the most, prepare nothing. The two functions that answer end
// it.
void interlock_hook_prepare(const void *bytes, size_t count);

// Returns an argument of the command line, or NULL after the last one. The program's own name is number 0.
const char *interlock_hook_argument(int number);

// Returns the value of a variable of the environment at the start, or NULL. It is text of the host, and untrusted.
const char *interlock_hook_variable(const char *name);

// Writes the bytes to standard output and exits 0. If it cannot be written, or the reader is gone, exits 2 with a line.
noreturn void interlock_hook_allow(const void *bytes, size_t count);

// Writes `line` with a line end to standard error and the bytes, of which there may be none, to standard output, and exits
// 2.
noreturn void interlock_hook_deny(const void *bytes, size_t count, const char *line);

#endif
