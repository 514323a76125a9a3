// The pseudo-terminal of a command, and the mode of the terminal of this process's own caller.
#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

// What a terminal without a caller's has.
enum { DEFAULT_ROWS = 24, DEFAULT_COLUMNS = 80 };

int interlock_open_terminal(int like, int *ours, int *theirs) {
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return errno;
    int unlocked = 0, error = 0;
    struct termios mode;
    struct winsize size = {.ws_row = DEFAULT_ROWS, .ws_col = DEFAULT_COLUMNS};
    // The other end by the descriptor: its name would be searched in whatever is mounted at /dev/pts.
    int slave = ioctl(master, TIOCSPTLCK, &unlocked) == 0 ? ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (slave < 0) goto failed;
    if (like >= 0) {
        if (tcgetattr(like, &mode) != 0 || tcsetattr(slave, TCSANOW, &mode) != 0) goto failed;
        ioctl(like, TIOCGWINSZ, &size);
    } else {
        // What arrives by a pipe is not typed.
        if (tcgetattr(slave, &mode) != 0) goto failed;
        mode.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(slave, TCSANOW, &mode) != 0) goto failed;
    }
    ioctl(slave, TIOCSWINSZ, &size);
    *ours = master;
    *theirs = slave;
    return 0;
failed:
    error = errno;
    if (slave >= 0) close(slave);
    close(master);
    return error;
}

void interlock_copy_size(int from, int to) {
    struct winsize size;
    if (ioctl(from, TIOCGWINSZ, &size) == 0) ioctl(to, TIOCSWINSZ, &size);
}

bool interlock_in_foreground(int terminal) {
    pid_t group = tcgetpgrp(terminal);
    // A terminal that is not the controlling one has no foreground for this process.
    return group < 0 || group == getpgrp();
}

int interlock_end_of_file(int ours, int after_newline, unsigned char *bytes) {
    struct termios mode;
    if (tcgetattr(ours, &mode) != 0 || !(mode.c_lflag & ICANON)) return 0;
    // The first one ends a line that has no newline.
    int count = after_newline ? 1 : 2;
    memset(bytes, mode.c_cc[VEOF], (size_t)count);
    return count;
}

// The mode as it was. The handlers read it, so it is written before `is_raw` is set and not while it is.
static struct termios saved;
static volatile sig_atomic_t is_raw = 0, raw_terminal = -1;

static const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
enum { CRASHES = sizeof crashes / sizeof crashes[0] };
static struct sigaction before[CRASHES];

void interlock_restore_mode(void) {
    if (!is_raw) return;
    is_raw = 0;
    int terminal = raw_terminal;
    // Answers of the terminal to what the command printed last must not be read as typed by the next reader. Neither call
    // waits for a terminal that is stopped.
    tcflush(terminal, TCIFLUSH);
    tcsetattr(terminal, TCSANOW, &saved);
}

// Every call of it is safe in a handler.
static void restore_and_crash(int number) {
    int error = errno;
    interlock_restore_mode();
    for (int i = 0; i < CRASHES; i++)
        if (crashes[i] == number) sigaction(number, &before[i], NULL);
    errno = error;
    raise(number);
}

int interlock_set_raw(int terminal) {
    static bool has_handlers = false;
    if (is_raw) return 0;
    struct termios mode;
    if (tcgetattr(terminal, &mode) != 0) return errno;
    saved = mode;
    raw_terminal = terminal;
    cfmakeraw(&mode);
    // A process in the background would be stopped by its own restoration.
    signal(SIGTTOU, SIG_IGN);
    for (int i = 0; !has_handlers && i < CRASHES; i++) {
        struct sigaction action = {.sa_handler = restore_and_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};
        sigemptyset(&action.sa_mask);
        if (sigaction(crashes[i], &action, &before[i]) != 0) return errno;
    }
    has_handlers = true;
    is_raw = 1;
    if (tcsetattr(terminal, TCSANOW, &mode) == 0) return 0;
    int error = errno;
    is_raw = 0;
    return error;
}
