#ifndef INTERLOCK_CCURL_H
#define INTERLOCK_CCURL_H
// libcurl, and what of it Swift cannot call: variadic functions and a union.
#include <curl/curl.h>

typedef size_t (*interlock_curl_data_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode interlock_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode interlock_curl_set_text(CURL *easy, CURLoption option, const char *text) {
    return curl_easy_setopt(easy, option, text);
}
// Copies the bytes. The size must be set together: a copy is made of as many bytes as are announced.
static inline CURLcode interlock_curl_set_body(CURL *easy, const void *bytes, curl_off_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, count);
    return code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes ? (const char *)bytes : "");
}
// Certificates in PEM that sign servers, besides the system's folder of them; copied. NULL for the system's
// alone.
static inline CURLcode interlock_curl_set_authorities(CURL *easy, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, bytes ? &blob : NULL);
}
static inline CURLcode interlock_curl_set_headers(CURL *easy, struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}
// One context for the three callbacks, and as the handle's own.
static inline CURLcode interlock_curl_set_context(CURL *easy, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    return code;
}
static inline CURLcode interlock_curl_set_functions(CURL *easy, interlock_curl_data_function body,
                                                    interlock_curl_data_function header,
                                                    curl_prereq_callback before) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before);
    return code;
}
// The address's own bytes in the network's order, 4 or 16; NULL for another family. They stand behind
// family and port, and of IPv6 behind the flow too (<netinet/in.h>, which would bring its types here).
static inline const unsigned char *interlock_curl_address(const struct curl_sockaddr *address,
                                                          size_t *count) {
    const unsigned char *any = (const unsigned char *)&address->addr;
    if (address->family == AF_INET) {
        *count = 4;
        return any + 4;
    }
    if (address->family == AF_INET6) {
        *count = 16;
        return any + 8;
    }
    return 0;
}
// `opener` may refuse an address; NULL for libcurl's own. Its connections are not shared with others.
static inline CURLcode interlock_curl_set_opener(CURL *easy, curl_opensocket_callback opener,
                                                 void *context) {
    long alone = opener ? 1 : 0;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opener);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, alone);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, alone);
    return code;
}
static inline CURLMcode interlock_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode interlock_curl_multi_set_functions(CURLM *multi,
                                                           curl_socket_callback on_socket,
                                                           curl_multi_timer_callback on_timer,
                                                           void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    if (!code) code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    if (!code) code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    if (!code) code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return code;
}
// The next finished transfer's context, or NULL when there is none.
static inline void *interlock_curl_multi_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        char *context = 0;
        *result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
        return context;
    }
    return 0;
}
#endif
