// The two sockets that the supervisor's proxy accepts on: made inside, so that they are the only way out.
#define _GNU_SOURCE
#include "agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANDOVER_MAX = 2 };

int close_with(int descriptor, int result) {
    int error = errno;
    if (descriptor >= 0) close(descriptor);
    errno = error;
    return result;
}

union control {
    char bytes[CMSG_SPACE(sizeof(int) * HANDOVER_MAX)];
    struct cmsghdr aligned;
};

int hand_over(char kind, const int *descriptors, size_t count) {
    return send_descriptors(INTERLOCK_HANDOVER_DESCRIPTOR, kind, descriptors, count);
}

int send_descriptors(int socket, char kind, const int *descriptors, size_t count) {
    union control control = {{0}};
    struct iovec data = {&kind, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    // A supervisor that does not read is not waited for.
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : -1;
}

int receive_descriptor(int socket) {
    union control control = {{0}};
    char kind;
    struct iovec data = {&kind, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = count == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    int descriptor = -1;
    if (header != NULL && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof descriptor))
        memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    else if (count >= 0)
        errno = count == 0 ? EPIPE : EPROTO;
    return descriptor;
}

static int listen_on(in_port_t port) {
    int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (one < 0) return -1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(one, (struct sockaddr *)&address, sizeof address) != 0 || listen(one, INTERLOCK_LISTEN_BACKLOG) != 0)
        return close_with(one, -1);
    return one;
}

int hand_out_listeners(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)entry;
    if (sandbox->spec.network != INTERLOCK_NETWORK_PROXY) return close(INTERLOCK_HANDOVER_DESCRIPTOR);
    int sockets[HANDOVER_MAX] = {listen_on(INTERLOCK_HTTP_PORT), listen_on(INTERLOCK_SOCKS_PORT)};
    int result = sockets[0] < 0 || sockets[1] < 0 ? -1 : hand_over(INTERLOCK_HANDOVER_LISTENERS, sockets, HANDOVER_MAX);
    result = close_with(sockets[1], close_with(sockets[0], result));
    return close_with(INTERLOCK_HANDOVER_DESCRIPTOR, result);
}
