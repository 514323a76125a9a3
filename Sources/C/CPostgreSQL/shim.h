#ifndef INTERLOCK_CPOSTGRESQL_H
#define INTERLOCK_CPOSTGRESQL_H
// libpq without its blocking calls: every wait has a deadline in milliseconds of CLOCK_BOOTTIME.
#include <libpq-fe.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The most values of one statement.
enum { INTERLOCK_PG_VALUES = 16 };

// The outcome of a wait.
enum { INTERLOCK_PG_LOST = -1, INTERLOCK_PG_LATE = 0, INTERLOCK_PG_READY = 1 };

static inline int64_t interlock_pg_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// Waits until the socket can be read, or also written.
static inline int interlock_pg_wait(PGconn *connection, int or_written, int64_t deadline) {
    struct pollfd waited = {.fd = PQsocket(connection), .events = (short)(or_written ? POLLIN | POLLOUT : POLLIN)};
    if (waited.fd < 0) return INTERLOCK_PG_LOST;
    for (;;) {
        int64_t left = deadline - interlock_pg_now();
        if (left <= 0) return INTERLOCK_PG_LATE;
        // Short steps, since the clock of poll(2) stops while the machine sleeps. An interrupted step is repeated.
        if (poll(&waited, 1, (int)(left < 500 ? left : 500)) > 0) return INTERLOCK_PG_READY;
    }
}

static inline int interlock_pg_is_open(PGconn *connection) {
    return PQstatus(connection) == CONNECTION_OK && PQisnonblocking(connection);
}

// Connects with some parameters in place of those of the connection string; NULL leaves one as it is.
static inline PGconn *interlock_pg_connect_one(const char *parameters, const char *host, const char *address,
                                               const char *port, const char *options, int64_t deadline) {
    const char *const keywords[] = {"dbname", "host", "hostaddr", "port", "options", NULL};
    const char *const values[] = {parameters, host, address, port, options, NULL};
    PGconn *connection = PQconnectStartParams(keywords, values, 1);
    if (connection == NULL || PQstatus(connection) == CONNECTION_BAD) return connection;
    // The message of a refused connection has its SQLSTATE then.
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
        struct pollfd waited = {.fd = PQsocket(connection),
                                .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int64_t left = deadline - interlock_pg_now();
        if (waited.fd < 0 || left <= 0) return connection;
        if (poll(&waited, 1, (int)(left < 500 ? left : 500)) > 0) wanted = PQconnectPoll(connection);
    }
    if (wanted == PGRES_POLLING_OK) PQsetnonblocking(connection, 1);
    return connection;
}

// The number of items of a list with commas; 0 for an empty one.
static inline int interlock_pg_count(const char *list) {
    int count = list != NULL && *list != 0;
    for (; count > 0 && *list != 0; list++) count += *list == ',';
    return count;
}

// A copy of an item of a list, or of the only one. NULL for an empty one.
static inline char *interlock_pg_item(const char *list, int place) {
    if (interlock_pg_count(list) == 0) return NULL;
    for (; place > 0 && strchr(list, ',') != NULL; place--) list = strchr(list, ',') + 1;
    return strndup(list, strcspn(list, ","));
}

// Copies options of the server, with one more. Returns NULL for lack of memory.
static inline char *interlock_pg_options(const char *given) {
    // A commit that was cancelled while it waited for a standby differs from one that was not by its warning alone.
    static const char warn[] = " -c client_min_messages=warning";
    size_t length = given != NULL ? strlen(given) : 0;
    char *all = malloc(length + sizeof warn);
    if (all == NULL) return NULL;
    if (length > 0) memcpy(all, given, length);
    memcpy(all + length, warn, sizeof warn);
    return all;
}

// Connects to the first host that serves. Each is tried for an equal part of what is left: libpq would wait for a host
// that swallows packets until the deadline. Returns NULL if the parameters cannot be read; whether the connection is open
// is for the caller to ask.
static inline PGconn *interlock_pg_connect(const char *parameters, int64_t deadline) {
    PQconninfoOption *given = PQconninfoParse(parameters, NULL);
    if (given == NULL) return NULL;
    const char *hosts = NULL, *addresses = NULL, *ports = NULL, *options = getenv("PGOPTIONS");
    for (const PQconninfoOption *option = given; option->keyword != NULL; option++) {
        if (option->val == NULL) continue;
        if (strcmp(option->keyword, "host") == 0) hosts = option->val;
        if (strcmp(option->keyword, "hostaddr") == 0) addresses = option->val;
        if (strcmp(option->keyword, "port") == 0) ports = option->val;
        if (strcmp(option->keyword, "options") == 0) options = option->val;
    }
    int many = interlock_pg_count(addresses) > 0 ? interlock_pg_count(addresses) : interlock_pg_count(hosts);
    int count = many > 0 ? many : 1;
    // Otherwise libpq would be given a part of lists that it refuses as a whole.
    int is_fit = (interlock_pg_count(hosts) == 0 || interlock_pg_count(hosts) == count) &&
                 (interlock_pg_count(ports) <= 1 || interlock_pg_count(ports) == count);
    char *all = is_fit ? interlock_pg_options(options) : NULL;
    PGconn *connection = NULL;
    for (int place = 0; all != NULL && place < count; place++) {
        char *host = interlock_pg_item(hosts, place), *address = interlock_pg_item(addresses, place);
        char *port = interlock_pg_item(ports, place);
        int64_t now = interlock_pg_now();
        if (connection != NULL) PQfinish(connection);
        connection = interlock_pg_connect_one(parameters, host, address, port, all,
                                              now + (deadline - now) / (count - place));
        free(host);
        free(address);
        free(port);
        if (connection != NULL && interlock_pg_is_open(connection)) break;
    }
    free(all);
    PQconninfoFree(given);
    return connection;
}

// The reason why there is no connection, in words of libpq without a password; empty if time was over. `connection` may be
// NULL.
static inline const char *interlock_pg_fault(const PGconn *connection) {
    if (connection == NULL) return "the connection string cannot be read";
    return PQstatus(connection) == CONNECTION_BAD ? PQerrorMessage(connection) : "";
}

// True if a statement of the transaction has failed: the server answers COMMIT with success then, and rolls back.
static inline int interlock_pg_is_failed(PGconn *connection) {
    return PQtransactionStatus(connection) == PQTRANS_INERROR;
}

static inline void interlock_pg_noticed(void *count, const PGresult *notice) {
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == NULL || strcmp(severity, "WARNING") == 0) ++*(int32_t *)count;
}

// Counts the warnings of the connection, which are not printed. `count` must live as long as the connection.
static inline void interlock_pg_count_warnings(PGconn *connection, int32_t *count) {
    PQsetNoticeReceiver(connection, interlock_pg_noticed, count);
}

// Queues one statement. The values follow each other in `bytes`, each with a zero byte at its end; a length below zero is
// NULL. A format is 0 for text, 1 for bytes. Returns 0 if it cannot be queued.
static inline int interlock_pg_send(PGconn *connection, const char *statement, int count, const uint8_t *bytes,
                                    const int *lengths, const int *formats) {
    const char *values[INTERLOCK_PG_VALUES];
    if (count < 0 || count > INTERLOCK_PG_VALUES) return 0;
    for (int place = 0; place < count; place++) {
        values[place] = lengths[place] < 0 ? NULL : (const char *)bytes;
        if (lengths[place] >= 0) bytes += lengths[place] + 1;
    }
    return PQsendQueryParams(connection, statement, count, NULL, values, lengths, formats, 0);
}

// Queues several statements, which have no values.
static inline int interlock_pg_send_script(PGconn *connection, const char *script) {
    return PQsendQuery(connection, script);
}

// Waits for the next result. It is NULL once the statement is over, and unless the outcome is READY.
static inline PGresult *interlock_pg_next(PGconn *connection, int64_t deadline, int32_t *outcome) {
    for (;;) {
        int flushed = PQflush(connection);
        if (flushed < 0) break;
        if (flushed == 0 && !PQisBusy(connection)) {
            *outcome = INTERLOCK_PG_READY;
            return PQgetResult(connection);
        }
        int ready = interlock_pg_wait(connection, flushed > 0, deadline);
        if (ready != INTERLOCK_PG_READY) {
            *outcome = ready;
            return NULL;
        }
        if (!PQconsumeInput(connection)) break;
    }
    *outcome = INTERLOCK_PG_LOST;
    return NULL;
}

static inline int interlock_pg_has_rows(const PGresult *result) {
    return PQresultStatus(result) == PGRES_TUPLES_OK;
}

static inline int interlock_pg_is_done(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

// Five letters and digits; NULL if libpq itself made the result, for instance of a connection that was lost.
static inline const char *interlock_pg_code(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

// True if the statement was undone and the session goes on; false for the end of the session too.
static inline int interlock_pg_is_undone(const PGresult *result) {
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && strcmp(severity, "ERROR") == 0;
}

static inline const char *interlock_pg_message(const PGresult *result) {
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return message != NULL ? message : "";
}

// True for a column of the type bytea, whose text form is `\x` and hexadecimal digits.
static inline int interlock_pg_is_bytes(const PGresult *result, int column) {
    return PQftype(result, column) == 17;
}
#endif
