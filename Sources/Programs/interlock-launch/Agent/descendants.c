// The end of what a run without a namespace of process ids leaves: as a subreaper, this process becomes the parent of
// each orphan below it, so killing children until there is none reaches every one, daemons included.
#define _GNU_SOURCE
#include "agent.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int open_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    return open(path, O_RDONLY | O_CLOEXEC);
}

int require_descendants(void) {
    int file = open_children();
    return file < 0 ? -1 : close(file);
}

// Kills the children that one reading lists; what is cut off is listed by a later one.
static void kill_children(void) {
    static char list[1 << 16];
    int file = open_children();
    if (file < 0) return;
    size_t count = 0;
    for (ssize_t piece; count < sizeof list - 1 && (piece = read(file, list + count, sizeof list - 1 - count)) > 0;)
        count += (size_t)piece;
    close(file);
    list[count] = '\0';
    char *next = list;
    for (;;) {
        char *end;
        long pid = strtol(next, &end, 10);
        if (end == next || pid <= 1) return;
        // A number that was cut off would be another process's.
        if (*end != ' ') return;
        // Not reaped yet, so the number is still this child's.
        kill((pid_t)pid, SIGKILL);
        next = end;
    }
}

void end_descendants(void) {
    static const struct timespec pause = {.tv_nsec = 50000};
    for (unsigned round = 0;; round++) {
        kill_children();
        pid_t ended;
        do ended = waitpid(-1, NULL, WNOHANG);
        while (ended > 0);
        if (ended < 0 && errno == ECHILD) return;
        // The first rounds follow each other at once: a process that forks and ends must not outrun them.
        if (round % 64 == 63) nanosleep(&pause, NULL);
    }
}

unsigned long long count_own_tasks(void) {
    DIR *processes = opendir("/proc");
    unsigned long long tasks = 0;
    if (processes == NULL) return 0;
    for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
        char path[300];
        struct stat status;
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        snprintf(path, sizeof path, "/proc/%s/task", entry->d_name);
        // A directory has a link for itself, one for its parent and one for each task.
        if (stat(path, &status) == 0 && status.st_uid == geteuid() && status.st_nlink > 2) tasks += status.st_nlink - 2;
    }
    closedir(processes);
    return tasks;
}
