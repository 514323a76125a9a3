#ifndef INTERLOCK_CMAIL_H
#define INTERLOCK_CMAIL_H
// One mail over SMTP with TLS, by libcurl. Blocks; for a thread that may wait.
#include <stddef.h>

// Room for a reason, with its end.
enum { INTERLOCK_MAIL_REASON = 256 };

// Returns 0 once the server has taken the mail for everybody in `to` (addresses, each on a line of its own),
// else libcurl's code. `answer` is the last reply of the server, 0 without one.
//
// `url` is `smtps://host:port`, or `smtp://host:port` where STARTTLS must follow; the certificate is verified
// either way, by the system's authorities and those of `pem` (count 0 for none). Without `user` nobody signs in.
int interlock_mail_send(const char *url, const char *user, const char *password, const void *pem,
                        size_t pem_count, long milliseconds, const char *from, const char *to,
                        const void *bytes, size_t count, long *answer, char *reason);
#endif
