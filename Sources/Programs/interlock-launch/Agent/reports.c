// What processes inside say to the launcher, and what the launcher says to the supervisor.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct report) <= PIPE_BUF, "a report is written at once");

bool send_report(int descriptor, enum report_kind kind, int value, const char *step, const char *reason) {
    struct report report = {.kind = kind, .value = value};
    if (step != NULL) snprintf(report.step, sizeof report.step, "%s", step);
    if (reason != NULL) snprintf(report.reason, sizeof report.reason, "%s", reason);
    ssize_t count;
    do count = write(descriptor, &report, sizeof report);
    while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof report;
}

void write_status(const char *format, ...) {
    char line[INTERLOCK_STATUS_LINE_MAX];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(line, sizeof line - 1, format, values);
    va_end(values);
    if (length < 0 || (size_t)length > sizeof line - 2) length = (int)sizeof line - 2;
    line[length] = '\n';
    // A supervisor that closed the pipe learns the exit code.
    while (write(INTERLOCK_STATUS_DESCRIPTOR, line, (size_t)length + 1) < 0 && errno == EINTR) continue;
}

void refuse_launch(const char *reason, const char *step, int error) {
    write_status("refused %s %s %d", reason, step, error);
    _exit(strcmp(reason, "root") == 0 ? INTERLOCK_EXIT_USAGE : INTERLOCK_EXIT_REFUSED);
}

void fail_launch(const char *step, int error) {
    write_status("failed %s %d", step, error);
    _exit(INTERLOCK_EXIT_SETUP);
}
