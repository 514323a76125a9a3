// Calls `tools/call` over HTTP/1.1 and measures: closed loop, or open loop at a fixed rate.
//
//     load PORT PATH TOOL CONNECTIONS SECONDS RATE PAYLOAD HEADERS [SESSION...]
//
// RATE 0: each connection sends its next call when the last is answered (saturation). Otherwise RATE
// calls a second in all, spread evenly over the connections; the time of a call counts from the moment
// it was due, so a server that stalls is charged for the calls that wait behind (no coordinated
// omission). PAYLOAD bytes, 48 KiB at most, are added to the argument of each call. HEADERS is the text of
// additional header lines, each ended by \r\n. Connections take the SESSION ids in turn. Ids are unique in
// a run. The first tenth of the time is warm-up and not counted.
//
// Prints one JSON object; times are in microseconds. `refused` counts answers that are not a result
// without isError.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, MAX_PAYLOAD = 48 * 1024, BUCKETS = 1 << 21, EVENTS = 256, MAX_QUEUE = 4096 };

struct connection {
    int fd;
    const char *session;
    bool busy;
    int64_t due[MAX_QUEUE];  // when the calls that wait were due; the one in flight is due[head]
    unsigned head, tail;
    size_t used;
    char bytes[BUFFER];
};

static uint32_t histogram[BUCKETS];  // by microsecond; the last holds all that took longer
static uint64_t counted, refused, sum_us, overflowed, next_id = 1;
static const char *path, *tool, *headers;
static int port, payload;
static char padding[MAX_PAYLOAD];

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void send_next(struct connection *c) {
    static char out[8192 + MAX_PAYLOAD], body[512 + MAX_PAYLOAD];
    int length = snprintf(body, sizeof body,
                          "{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\","
                          "\"arguments\":{\"text\":\"lamp %llu%.*s\"}}}",
                          (unsigned long long)next_id, tool, (unsigned long long)next_id, payload, padding);
    next_id++;
    int n = snprintf(out, sizeof out,
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                     "Accept: application/json, text/event-stream\r\n%s%s%s%sContent-Length: %d\r\n\r\n%s",
                     path, port, headers, c->session ? "Mcp-Session-Id: " : "", c->session ? c->session : "",
                     c->session ? "\r\n" : "", length, body);
    if (n >= (int)sizeof out || send(c->fd, out, (size_t)n, MSG_NOSIGNAL) != n) die("send");
    c->busy = true;
}

// True when the buffer starts with a whole answer; `length` is its size, `good` whether it is a result.
static bool whole(struct connection *c, size_t *length, bool *good) {
    const char *end = memmem(c->bytes, c->used, "\r\n\r\n", 4);
    if (!end) return false;
    const char *field = NULL;
    for (const char *line = c->bytes; line < end; line++)
        if (*line == '\n' && strncasecmp(line + 1, "content-length:", 15) == 0) field = line + 16;
    if (!field) {
        fprintf(stderr, "load: an answer without Content-Length: %.*s\n", (int)(end - c->bytes), c->bytes);
        exit(1);
    }
    size_t head = (size_t)(end + 4 - c->bytes), body = strtoul(field, NULL, 10);
    if (c->used < head + body) return false;
    *length = head + body;
    *good = memcmp(c->bytes, "HTTP/1.1 200", 12) == 0 && memmem(end, body + 4, "\"result\"", 8) &&
            !memmem(end, body + 4, "\"isError\":true", 14);
    if (!*good && refused == 0) fprintf(stderr, "load: %.*s\n", (int)(*length < 600 ? *length : 600), c->bytes);
    return true;
}

static uint64_t percentile(double share) {
    uint64_t wanted = (uint64_t)(share * (double)counted), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen > wanted) return (uint64_t)i;
    }
    return BUCKETS;
}

static struct connection *dial(const char *session) {
    struct connection *c = calloc(1, sizeof *c);
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!c || (c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) die("socket");
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->session = session;
    return c;
}

int main(int count, char **words) {
    if (count < 9) {
        fprintf(stderr, "usage: load PORT PATH TOOL CONNECTIONS SECONDS RATE PAYLOAD HEADERS [SESSION...]\n");
        return 64;
    }
    port = atoi(words[1]), path = words[2], tool = words[3], payload = atoi(words[7]), headers = words[8];
    if (payload < 0 || payload > MAX_PAYLOAD) {
        fprintf(stderr, "load: PAYLOAD is 0 to %d\n", MAX_PAYLOAD);
        return 64;
    }
    memset(padding, 'x', sizeof padding);
    int connections = atoi(words[4]), sessions = count - 9, poll = epoll_create1(EPOLL_CLOEXEC);
    double seconds = atof(words[5]), rate = atof(words[6]);
    struct connection **all = calloc((size_t)connections, sizeof *all);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct epoll_event event, events[EVENTS];
    if (!all || timer < 0 || poll < 0) die("setting up");
    for (int i = 0; i < connections; i++) {
        all[i] = dial(sessions ? words[9 + i % sessions] : NULL);
        event = (struct epoll_event){.events = EPOLLIN, .data.ptr = all[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i]->fd, &event);
    }
    event = (struct epoll_event){.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event);

    int64_t start = now_ns(), counting = start + (int64_t)(seconds * 1e8), end = start + (int64_t)(seconds * 1e9);
    double gap = rate > 0 ? 1e9 / rate : 0;
    uint64_t sent = 0;
    if (rate == 0) {
        for (int i = 0; i < connections; i++) {
            all[i]->due[all[i]->tail++ % MAX_QUEUE] = now_ns();
            send_next(all[i]);
        }
    }
    for (int64_t now; (now = now_ns()) < end;) {
        // Open loop: what is due goes to its connection, or waits behind the call before it.
        for (; rate > 0 && start + (int64_t)(gap * (double)sent) <= now; sent++) {
            struct connection *c = all[sent % (uint64_t)connections];
            if (c->tail - c->head == MAX_QUEUE) {
                overflowed++;
                continue;
            }
            c->due[c->tail++ % MAX_QUEUE] = start + (int64_t)(gap * (double)sent);
            if (!c->busy) send_next(c);
        }
        if (rate > 0) {
            int64_t next = start + (int64_t)(gap * (double)sent);
            struct itimerspec at = {.it_value = {next / 1000000000, next % 1000000000}};
            timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
        }
        int ready = epoll_wait(poll, events, EVENTS, 100);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) {
                uint64_t ticks;
                if (read(timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) die("timer");
                continue;
            }
            ssize_t n = recv(c->fd, c->bytes + c->used, BUFFER - c->used, MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (n <= 0) {
                fprintf(stderr, "load: the server closed a connection\n");
                return 1;
            }
            c->used += (size_t)n;
            size_t length;
            bool good;
            if (!whole(c, &length, &good)) continue;
            c->used -= length;
            memmove(c->bytes, c->bytes + length, c->used);
            int64_t done = now_ns(), took = (done - c->due[c->head++ % MAX_QUEUE]) / 1000;
            if (done >= counting) {
                counted++;
                sum_us += (uint64_t)took;
                histogram[took < BUCKETS ? took : BUCKETS - 1]++;
                if (!good) refused++;
            }
            c->busy = false;
            if (rate == 0) c->due[c->tail++ % MAX_QUEUE] = done;
            if (c->head != c->tail) send_next(c);
        }
    }
    printf("{\"calls\":%llu,\"refused\":%llu,\"overflowed\":%llu,\"per_second\":%.1f,\"mean_us\":%.1f,\"p50_us\":%llu,"
           "\"p90_us\":%llu,\"p99_us\":%llu,\"p999_us\":%llu,\"sent\":%llu}\n",
           (unsigned long long)counted, (unsigned long long)refused, (unsigned long long)overflowed,
           (double)counted / (seconds * 0.9), counted ? (double)sum_us / (double)counted : 0.0,
           (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.9), (unsigned long long)percentile(0.99),
           (unsigned long long)percentile(0.999), (unsigned long long)(next_id - 1));
    return 0;
}
