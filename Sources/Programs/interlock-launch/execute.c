// The last step: executes the command in this process.
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

// Returns whether `file` is the checked program. While the program's file is open no other file has its inode number,
// and every write to it changes a timestamp.
static bool is_same(int file, int program) {
    struct stat found, seen;
    if (fstat(file, &found) != 0 || fstat(program, &seen) != 0) return false;
    return found.st_dev == seen.st_dev && found.st_ino == seen.st_ino && S_ISREG(found.st_mode);
}

// Detects a script, which must be executed by its path: the kernel passes the path to the interpreter, and a path
// below /dev/fd does not exist inside.
static bool is_script(int program) {
    char head[2];
    return pread(program, head, sizeof head, 0) == sizeof head && memcmp(head, "#!", 2) == 0;
}

int execute_checked(const char *path, char *const arguments[], int program) {
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0) return -1;
    if (!is_same(file, program)) {
        errno = ESTALE;
        return -1;
    }
    if (is_script(program)) return execv(path, arguments);
    return execveat(file, "", arguments, environ, AT_EMPTY_PATH);
}

_Noreturn void execute(char *const command[]) {
    execvp(command[0], command);
    fail(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "execute", command[0], errno);
}
