// A plain relay, and the server behind it, as the yardstick of a run's proxy.
//
//     relay forward PORT     passes each connection on to 127.0.0.1:PORT
//     relay serve BYTES      answers `s` by that many bytes, and `e` by one
//
// Listens on a port of 127.0.0.1 that it prints. Each direction of a connection is a thread with a buffer of 64 KiB.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 << 10 };

static uint16_t target;
static uint64_t size;

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void set_no_delay(int one) {
    int on = 1;
    setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct way {
    int from, to;
};

// Copies until the end of either side, and passes the end on.
static void *copy(void *context) {
    struct way *way = context;
    char *buffer = malloc(BUFFER);
    ssize_t count;
    while ((count = read(way->from, buffer, BUFFER)) > 0)
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(way->to, buffer + done, (size_t)(count - done));
            if (written <= 0) goto end;
            done += written;
        }
end:
    shutdown(way->to, SHUT_WR);
    free(buffer);
    return NULL;
}

static void forward(int client) {
    struct sockaddr_in address = loopback(target);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0) return;
    set_no_delay(server);
    struct way up = {client, server}, down = {server, client};
    pthread_t thread;
    if (pthread_create(&thread, NULL, copy, &up) == 0) {
        copy(&down);
        shutdown(client, SHUT_RD);
        pthread_join(thread, NULL);
    }
    close(server);
}

static void serve(int client) {
    static char zeros[BUFFER];
    char wanted;
    while (read(client, &wanted, 1) == 1) {
        uint64_t left = wanted == 's' ? size : 1;
        while (left > 0) {
            ssize_t written = write(client, zeros, left < BUFFER ? left : BUFFER);
            if (written <= 0) return;
            left -= (uint64_t)written;
        }
    }
}

static void *work(void *context) {
    int client = (int)(intptr_t)context;
    set_no_delay(client);
    if (target != 0) forward(client);
    else serve(client);
    close(client);
    return NULL;
}

int main(int count, char **words) {
    if (count != 3) {
        fprintf(stderr, "usage: relay forward PORT | relay serve BYTES\n");
        return 64;
    }
    if (strcmp(words[1], "forward") == 0) target = (uint16_t)atoi(words[2]);
    else size = strtoull(words[2], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listening, (struct sockaddr *)&address, length) != 0 || listen(listening, 128) != 0 ||
        getsockname(listening, (struct sockaddr *)&address, &length) != 0) {
        perror("listen");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) continue;
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, (void *)(intptr_t)client) == 0) pthread_detach(thread);
        else close(client);
    }
}
