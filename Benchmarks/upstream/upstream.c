// The fastest MCP server we could write: what is measured through a gateway should be the gateway.
//
//     upstream PORT
//
// One thread, epoll, HTTP/1.1 with keep-alive and Content-Length, JSON answers, no sessions. It answers
// `initialize`, `ping`, `tools/list` and `tools/call` of MCP 2025-11-25 and older, takes notifications,
// and answers 405 to everything that is not a POST. Three tools, `search`, `note` and `send`, with one argument, `text`.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, EVENTS = 256, MAX_CONNECTIONS = 65536 };

struct connection {
    int fd;
    size_t used;
    char bytes[BUFFER];
};

static struct connection *connections[MAX_CONNECTIONS];

static void die(const char *what) {
    perror(what);
    exit(1);
}

// The end of a JSON value that starts at `at`: strings are skipped whole, brackets are counted.
static const char *after_value(const char *at, const char *end) {
    int depth = 0;
    bool in_string = false;
    for (; at < end; at++) {
        if (in_string) {
            if (*at == '\\') at++;
            else if (*at == '"') in_string = false;
        } else if (*at == '"') in_string = true;
        else if (*at == '{' || *at == '[') depth++;
        else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--;
        } else if (*at == ',' && depth == 0) return at;
    }
    return end;
}

// The text of a member of the outermost object; false when there is none.
static bool member(const char *json, const char *end, const char *name, const char **from, size_t *length) {
    const char *at = memchr(json, '{', (size_t)(end - json));
    size_t wanted = strlen(name);
    if (!at) return false;
    for (at++; at < end; at++) {
        while (at < end && (*at == ' ' || *at == '\n' || *at == ',')) at++;
        if (at >= end || *at != '"') return false;
        const char *key = ++at;
        while (at < end && *at != '"') at++;
        bool found = (size_t)(at - key) == wanted && memcmp(key, name, wanted) == 0;
        while (at < end && *at != ':') at++;
        const char *value = ++at;
        while (value < end && *value == ' ') value++;
        at = after_value(value, end);
        if (found) {
            *from = value;
            *length = (size_t)(at - value);
            return true;
        }
    }
    return false;
}

static void answer(int fd, const char *status, const char *body, size_t length) {
    char out[4096];
    int head = snprintf(out, sizeof out,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, length);
    memcpy(out + head, body, length);
    size_t total = (size_t)head + length, sent = 0;
    while (sent < total) {
        ssize_t n = send(fd, out + sent, total - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        sent += (size_t)n;
    }
}

static const char *result_of(const char *method, size_t length) {
    static const struct { const char *method, *result; } table[] = {
        {"\"tools/call\"", "{\"content\":[{\"type\":\"text\",\"text\":\"three tickets found\"}],\"isError\":false}"},
        {"\"ping\"", "{}"},
        {"\"initialize\"",
         "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
         "\"serverInfo\":{\"name\":\"bench\",\"version\":\"1\"}}"},
        {"\"tools/list\"",
         "{\"tools\":[{\"name\":\"search\",\"description\":\"Tickets with a text.\",\"inputSchema\":{\"type\":\"object\","
         "\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}},"
         "{\"name\":\"note\",\"description\":\"Keeps a text.\",\"inputSchema\":{\"type\":\"object\","
         "\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}},"
         "{\"name\":\"send\",\"description\":\"Sends a text.\",\"inputSchema\":{\"type\":\"object\","
         "\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}}]}"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].method) == length && memcmp(table[i].method, method, length) == 0) return table[i].result;
    return NULL;
}

static void serve(int fd, const char *body, const char *end) {
    const char *id = NULL, *method = NULL;
    size_t id_length = 0, method_length = 0;
    char out[2048];
    if (!member(body, end, "method", &method, &method_length)) return answer(fd, "400 Bad Request", "", 0);
    if (!member(body, end, "id", &id, &id_length) || id_length > 256) return answer(fd, "202 Accepted", "", 0);
    const char *result = result_of(method, method_length);
    int n = result ? snprintf(out, sizeof out, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":%s}", (int)id_length, id, result)
                   : snprintf(out, sizeof out,
                              "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}",
                              (int)id_length, id);
    bool modern = method_length == 17 && memcmp(method, "\"server/discover\"", 17) == 0;
    answer(fd, modern ? "400 Bad Request" : "200 OK", out, (size_t)n);
}

// Every whole request in the buffer; false when the connection is to be closed.
static bool take(struct connection *c) {
    size_t start = 0;
    for (;;) {
        const char *head = c->bytes + start;
        const char *head_end = memmem(head, c->used - start, "\r\n\r\n", 4);
        if (!head_end) break;
        head_end += 4;
        size_t length = 0;
        for (const char *line = head; line < head_end; line++)
            if (line[0] == '\n' && strncasecmp(line + 1, "content-length:", 15) == 0)
                length = strtoul(line + 16, NULL, 10);
        if (length > BUFFER) return false;
        if (head_end + length > c->bytes + c->used) break;
        if (memcmp(head, "POST ", 5) == 0) serve(c->fd, head_end, head_end + length);
        else answer(c->fd, "405 Method Not Allowed", "", 0);
        start = (size_t)(head_end - c->bytes) + length;
    }
    memmove(c->bytes, c->bytes + start, c->used - start);
    c->used -= start;
    return c->used < BUFFER;
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: upstream PORT\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), poll = epoll_create1(EPOLL_CLOEXEC);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) die("bind");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    if (epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event)) die("epoll_ctl");
    for (;;) {
        int ready = epoll_wait(poll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
                    if (fd >= MAX_CONNECTIONS || !(connections[fd] = malloc(sizeof **connections))) {
                        close(fd);
                        continue;
                    }
                    connections[fd]->fd = fd;
                    connections[fd]->used = 0;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
                    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
                }
                continue;
            }
            struct connection *c = connections[fd];
            ssize_t n = recv(fd, c->bytes + c->used, BUFFER - c->used, MSG_DONTWAIT);
            if (n > 0) c->used += (size_t)n;
            if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || !take(c)) {
                close(fd);
                free(c);
                connections[fd] = NULL;
            }
        }
    }
}
