#ifndef INTERLOCK_SOCKET_OWNER_H
#define INTERLOCK_SOCKET_OWNER_H
// The user at the other end of a TCP connection within this machine, from the kernel's table of sockets (sock_diag).
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

static inline int interlock_diag_open(void) {
    return socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

struct interlock_socket_owner { uint32_t uid, inode; uint8_t state; };

enum { interlock_tcp_listen = 10 };

// Finds one socket by its addresses: an exact match first, otherwise the listener at the source. The kernel has
// responded when `send` returns. Returns 0 or an errno: ENOENT if no socket matches.
static inline int interlock_find_socket(int netlink, uint8_t family, const struct inet_diag_sockid *id,
                                        struct interlock_socket_owner *found) {
    // A number unique to this request: two requests never fall into the same nanosecond.
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return errno;
    uint32_t number = (uint32_t)now.tv_sec * 1000000000u + (uint32_t)now.tv_nsec;
    struct { struct nlmsghdr head; struct inet_diag_req_v2 body; } request = {
        .head = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST,
                 .nlmsg_seq = number},
        .body = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0u, .id = *id}};
    if (send(netlink, &request, sizeof request, 0) != (ssize_t)sizeof request) return errno ? errno : EIO;
    union { struct nlmsghdr head; char bytes[1024]; } reply;
    ssize_t count;
    do {  // Skips responses to earlier requests.
        count = recv(netlink, &reply, sizeof reply, 0);
    } while (count >= (ssize_t)sizeof reply.head && reply.head.nlmsg_seq != number);
    if (count < (ssize_t)sizeof reply.head || reply.head.nlmsg_len > (size_t)count) return EIO;
    const char *body = reply.bytes + NLMSG_HDRLEN;
    size_t length = reply.head.nlmsg_len - NLMSG_HDRLEN;
    if (reply.head.nlmsg_type == NLMSG_ERROR && length >= sizeof(struct nlmsgerr)) {
        struct nlmsgerr error;
        memcpy(&error, body, sizeof error);
        return error.error < 0 ? -error.error : EIO;
    }
    if (reply.head.nlmsg_type != SOCK_DIAG_BY_FAMILY || length < sizeof(struct inet_diag_msg)) return EIO;
    struct inet_diag_msg message;
    memcpy(&message, body, sizeof message);
    *found = (struct interlock_socket_owner){message.idiag_uid, message.idiag_inode, message.idiag_state};
    return 0;
}

// Finds the user of `end`. A socket that is still in a listener's queue has no user; then the listener's user is
// returned, and `end` is queried again to show that the listener was open meanwhile.
static inline int interlock_end_owner(int netlink, uint8_t family, const struct inet_diag_sockid *end,
                                      uint32_t *uid) {
    struct inet_diag_sockid listener = *end;
    memset(listener.idiag_dst, 0, sizeof listener.idiag_dst);
    listener.idiag_dport = 0;
    struct interlock_socket_owner first, waiting_at, again;
    int error = interlock_find_socket(netlink, family, end, &first);
    if (error) return error;
    if (first.state == interlock_tcp_listen) return ENOENT;
    *uid = first.uid;
    if (first.inode != 0) return 0;
    error = interlock_find_socket(netlink, family, &listener, &waiting_at);
    if (error) return error;
    if (waiting_at.state != interlock_tcp_listen) return ENOENT;
    error = interlock_find_socket(netlink, family, end, &again);
    if (error) return error;
    if (again.state == interlock_tcp_listen) return ENOENT;
    *uid = again.inode != 0 ? again.uid : waiting_at.uid;
    return 0;
}

// Finds the user of the process at the other end of `connection`, without waiting. Returns 0 or an errno: ENOENT if the
// other end is closed or not in this network namespace.
static inline int interlock_peer_owner(int netlink, int connection, uint32_t *uid) {
    union { struct sockaddr any; struct sockaddr_in four; struct sockaddr_in6 six; } here = {0}, there = {0};
    socklen_t length = sizeof here;
    if (getsockname(connection, &here.any, &length) != 0) return errno;
    length = sizeof there;
    if (getpeername(connection, &there.any, &length) != 0) return errno;
    struct inet_diag_sockid end = {.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}};
    if (here.any.sa_family != there.any.sa_family) return EAFNOSUPPORT;
    if (here.any.sa_family == AF_INET) {
        end.idiag_sport = there.four.sin_port;
        end.idiag_dport = here.four.sin_port;
        memcpy(end.idiag_src, &there.four.sin_addr, 4);
        memcpy(end.idiag_dst, &here.four.sin_addr, 4);
    } else if (here.any.sa_family == AF_INET6) {
        end.idiag_sport = there.six.sin6_port;
        end.idiag_dport = here.six.sin6_port;
        memcpy(end.idiag_src, &there.six.sin6_addr, 16);
        memcpy(end.idiag_dst, &here.six.sin6_addr, 16);
    } else {
        return EAFNOSUPPORT;
    }
    return interlock_end_owner(netlink, (uint8_t)here.any.sa_family, &end, uid);
}
#endif
