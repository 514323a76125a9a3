#include "CMail.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { CONNECT_MILLISECONDS = 10000, LONGEST_ADDRESS = 320 };

struct server {
    const char *url, *user, *password;
    const void *pem;
    size_t pem_count;
    long milliseconds;
};

struct rest {
    const char *bytes;
    size_t count;
};

static size_t take(char *buffer, size_t size, size_t count, void *context) {
    struct rest *rest = context;
    size_t wanted = size * count;
    if (wanted > rest->count) wanted = rest->count;
    memcpy(buffer, rest->bytes, wanted);
    rest->bytes += wanted;
    rest->count -= wanted;
    return wanted;
}

// Discards the text that a server sends between its replies.
static size_t drop(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

static int bracketed(char *target, const char *address, size_t count) {
    return count > 0 && count < LONGEST_ADDRESS - 3
           && snprintf(target, LONGEST_ADDRESS, "<%.*s>", (int)count, address) > 0;
}

// Returns NULL if an address is too long or memory is exhausted.
static struct curl_slist *recipients(const char *to) {
    struct curl_slist *list = NULL;
    while (*to) {
        size_t count = strcspn(to, "\n");
        char address[LONGEST_ADDRESS];
        struct curl_slist *longer =
            bracketed(address, to, count) ? curl_slist_append(list, address) : NULL;
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
        to += count + (to[count] == '\n');
    }
    return list;
}

static CURLcode prepare(CURL *easy, const struct server *server) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, server->url);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    if (!code) code = curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_NETRC, 0L);
    // An empty proxy overrides that of the environment.
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (!code) code = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, server->milliseconds);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MILLISECONDS);
    if (!code && server->pem_count) {
        struct curl_blob blob = {(void *)server->pem, server->pem_count, CURL_BLOB_COPY};
        code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (!code && server->user) {
        code = curl_easy_setopt(easy, CURLOPT_USERNAME, server->user);
        if (!code) code = curl_easy_setopt(easy, CURLOPT_PASSWORD, server->password);
    }
    return code;
}

int interlock_mail_send(const char *url, const char *user, const char *password, const void *pem,
                        size_t pem_count, long milliseconds, const char *from, const char *to,
                        const void *bytes, size_t count, long *answer, char *reason) {
    struct server server = {url, user, password, pem, pem_count, milliseconds};
    char sender[LONGEST_ADDRESS], error[CURL_ERROR_SIZE] = "";
    struct rest rest = {bytes, count};
    *answer = 0;
    CURL *easy = curl_easy_init();
    struct curl_slist *list = recipients(to);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (easy && list && bracketed(sender, from, strlen(from))) code = prepare(easy, &server);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_MAIL_FROM, sender);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, list);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, take);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_READDATA, &rest);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)count);
    if (!code) code = curl_easy_perform(easy);
    if (easy) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, answer);
    snprintf(reason, INTERLOCK_MAIL_REASON, "%s", error[0] ? error : curl_easy_strerror(code));
    curl_easy_cleanup(easy);
    curl_slist_free_all(list);
    return (int)code;
}
