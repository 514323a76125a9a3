// The launcher's loop: it waits for pid 1, the time limits and the lifeline.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum phase {
    SETTING_UP,  // nothing ran
    EXECUTING,   // the command may run, or not
    RUNNING,
};

// Why everything inside is killed.
enum cause { NO_CAUSE, SETUP_TIME, WALL_TIME, LIFELINE };

struct run {
    const struct sandbox *sandbox;
    int pidfd, reports, timer;
    enum phase phase;
    enum cause cause;
    int inside;  // of bubblewrap: the pidfd of pid 1, or -1 until it is known
    char messages[2048];  // the first bytes that bubblewrap printed, with NUL
    size_t message_count;
    struct report last;  // the one that ended the set-up, or REPORT_ENDED
    bool has_last;
    int landlock;
    int peak;  // KiB, 0 if it is not known
};

// Counts suspended time too: it passes for whoever waits for the run.
static int open_timer(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

// Replaces the deadline; 0 removes it. A run whose deadline cannot be set is ended as one that is late.
static int set_deadline(int timer, uint64_t milliseconds) {
    struct itimerspec deadline = {
        .it_value = {.tv_sec = (time_t)(milliseconds / 1000), .tv_nsec = (long)(milliseconds % 1000) * 1000000}};
    return timerfd_settime(timer, 0, &deadline, NULL);
}

static void kill_inside(struct run *run, enum cause cause) {
    if (run->cause == NO_CAUSE) run->cause = cause;
    // bubblewrap reaps pid 1 and ends; without pid 1 it is ended itself.
    syscall(SYS_pidfd_send_signal, run->inside >= 0 ? run->inside : run->pidfd, SIGKILL, NULL, 0);
}

// Takes the pidfd of pid 1 inside bubblewrap, passes it on, and lets pid 1 begin.
static void begin_inside(struct run *run) {
    const struct sandbox *sandbox = run->sandbox;
    run->inside = receive_descriptor(sandbox->inside);
    if (run->inside >= 0 && hand_over(INTERLOCK_HANDOVER_PIDFD, &run->inside, 1) == 0 && write(sandbox->go, "", 1) == 1)
        return;
    if (run->inside < 0 && errno == EPIPE) return;  // bubblewrap ended, and says why
    if (!run->has_last) {
        run->last = (struct report){.kind = REPORT_FAILED, .value = errno, .step = "hand-over"};
        run->has_last = true;
    }
}

static void read_messages(struct run *run) {
    char piece[512];
    ssize_t count = read(run->sandbox->messages, piece, sizeof piece);
    size_t room = sizeof run->messages - 1 - run->message_count;
    if (count <= 0) return;
    if ((size_t)count < room) room = (size_t)count;
    memcpy(run->messages + run->message_count, piece, room);
    run->message_count += room;
}

static void note(struct run *run, const struct report *report) {
    switch (report->kind) {
        case REPORT_EXECUTING:
            run->phase = EXECUTING;
            run->landlock = report->value;
            if (set_deadline(run->timer, run->sandbox->spec.wall) != 0) kill_inside(run, WALL_TIME);
            return;
        case REPORT_EXECUTED:
            if (run->phase == EXECUTING && !run->has_last) {
                run->phase = RUNNING;
                write_status("started %d", run->landlock);
            }
            return;
        case REPORT_PEAK:
            run->peak = report->value;
            return;
        default:
            // The first says what happened; pid 1 reports the end of the command also when a step failed.
            if (!run->has_last) run->last = *report;
            run->has_last = true;
    }
}

// Reads what is there; stops at the end of file.
static void read_reports(struct run *run) {
    struct report report;
    while (read(run->reports, &report, sizeof report) == (ssize_t)sizeof report) {
        report.step[STEP_BYTES_MAX - 1] = report.reason[STEP_BYTES_MAX - 1] = '\0';
        note(run, &report);
    }
}

static _Noreturn void finish_command(int status, int peak) {
    if (peak > 0) write_status("peak %d", peak);
    if (WIFEXITED(status)) {
        write_status("ended exited %d", WEXITSTATUS(status));
        _exit(WEXITSTATUS(status));
    }
    write_status("ended killed %d", WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

static _Noreturn void finish_set_up(const struct report *report) {
    switch (report->kind) {
        case REPORT_CHECKED:
            write_status("checked %d", report->value);
            _exit(0);
        case REPORT_REFUSED: refuse_launch(report->reason, report->step, report->value);
        case REPORT_FAILED: fail_launch(report->step, report->value);
        case REPORT_NOT_EXECUTED:
            write_status("not-executed %d", report->value);
            _exit(report->value == ENOENT || report->value == ENOTDIR ? INTERLOCK_EXIT_NOT_FOUND
                                                                      : INTERLOCK_EXIT_NOT_EXECUTABLE);
        default: fail_launch("inside", 0);
    }
}

// Everything inside is gone: pid 1 ends last.
static _Noreturn void finish(struct run *run) {
    siginfo_t info = {0};
    while (waitid(P_PIDFD, (id_t)run->pidfd, &info, WEXITED) != 0 && errno == EINTR) continue;
    read_reports(run);
    // Without a namespace of process ids that this process made, others may be left. The agent's own, and those of a
    // bubblewrap that was killed.
    bool is_own = run->sandbox->spec.isolation == INTERLOCK_ISOLATION_FULL &&
                  run->sandbox->spec.backend == INTERLOCK_BACKEND_OWN;
    if (!is_own) {
        end_descendants();
        read_reports(run);
    }
    bool has_ended = run->has_last && run->last.kind == REPORT_ENDED;
    if (run->has_last && !has_ended) finish_set_up(&run->last);
    if (run->phase == SETTING_UP) {
        if (run->cause == SETUP_TIME) fail_launch("time", ETIMEDOUT);
        if (run->sandbox->inside >= 0 && run->inside < 0 && run->cause == NO_CAUSE) {
            read_messages(run);
            const char *reason = refusal_of_bubblewrap(run->messages);
            if (reason != NULL) refuse_launch(reason, "bwrap", EPERM);
            fail_launch("bwrap", 0);
        }
        fail_launch(run->cause == LIFELINE ? "lifeline" : "inside", 0);
    }
    if (run->phase == EXECUTING) write_status("started %d", run->landlock);
    // A command that ended before the kill reached it ended by itself.
    if (has_ended) finish_command(run->last.value, run->peak);
    if (run->cause == WALL_TIME) {
        write_status("ended wall 0");
        _exit(INTERLOCK_EXIT_WALL);
    }
    if (run->cause == LIFELINE) {
        write_status("ended lifeline 0");
        _exit(INTERLOCK_EXIT_KILLED);
    }
    finish_command(SIGKILL, 0);  // pid 1 was killed from outside; the wait status of a signal is its number
}

void watch(const struct sandbox *sandbox, int pidfd, int reports) {
    struct run run = {.sandbox = sandbox, .pidfd = pidfd, .reports = reports, .timer = open_timer(), .inside = -1};
    fcntl(reports, F_SETFL, O_NONBLOCK);
    if (run.timer < 0 || set_deadline(run.timer, sandbox->spec.setup) != 0) kill_inside(&run, SETUP_TIME);
    struct pollfd sources[] = {
        {.fd = pidfd, .events = POLLIN},
        {.fd = reports, .events = POLLIN},
        {.fd = run.timer, .events = POLLIN},
        {.fd = INTERLOCK_LIFELINE_DESCRIPTOR, .events = POLLIN},
        {.fd = sandbox->inside, .events = POLLIN},
        {.fd = sandbox->messages, .events = POLLIN},
    };
    if (sandbox->messages >= 0) fcntl(sandbox->messages, F_SETFL, O_NONBLOCK);
    for (;;) {
        if (poll(sources, sizeof sources / sizeof sources[0], -1) < 0) continue;
        if (sources[1].revents != 0) {
            read_reports(&run);
            if (!(sources[1].revents & POLLIN)) sources[1].fd = -1;  // every writer is gone
        }
        if (sources[4].revents & POLLIN) begin_inside(&run);
        if (sources[4].revents != 0) sources[4].fd = -1;  // one message, or its end
        if (sources[5].revents & POLLIN) read_messages(&run);
        else if (sources[5].revents != 0) sources[5].fd = -1;
        if (sources[0].revents != 0) finish(&run);
        if (run.has_last && run.last.kind != REPORT_ENDED) kill_inside(&run, NO_CAUSE);
        if (sources[2].revents != 0) {
            uint64_t expirations;
            // The deadline may have been replaced since.
            if (read(run.timer, &expirations, sizeof expirations) == sizeof expirations)
                kill_inside(&run, run.phase == SETTING_UP ? SETUP_TIME : WALL_TIME);
        }
        if (sources[3].revents != 0) {
            kill_inside(&run, LIFELINE);
            sources[3].fd = -1;
        }
    }
}
