#ifndef INTERLOCK_CMAIL_H
#define INTERLOCK_CMAIL_H
// Sends one mail over SMTP with TLS, with libcurl. Blocks, so it must be called on a thread that may wait.
#include <stddef.h>

// The size of the buffer for `reason`, including the terminating zero.
enum { INTERLOCK_MAIL_REASON = 256 };

// Returns 0 once the server has accepted the mail for every recipient in `to` (addresses, one per line), otherwise
// libcurl's code. `answer` is set to the last reply code of the server, or 0 without a reply.
//
// `url` is `smtps://host:port`, or `smtp://host:port`, which requires STARTTLS; in both cases the certificate is
// verified against the system's authorities and those of `pem`, if `pem_count` is not 0. Without `user`, no
// authentication takes place.
int interlock_mail_send(const char *url, const char *user, const char *password, const void *pem,
                        size_t pem_count, long milliseconds, const char *from, const char *to,
                        const void *bytes, size_t count, long *answer, char *reason);
#endif
