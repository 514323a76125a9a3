#ifndef INTERLOCK_COPENSSL_TLS_H
#define INTERLOCK_COPENSSL_TLS_H
// TLS over a non-blocking socket (libssl), and the parts of it that Swift cannot call.
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

// Selects HTTP/1.1, the only protocol supported here; a client that offers only others gets a fatal alert.
static inline int interlock_tls_choose(SSL *stream, const unsigned char **chosen,
                                       unsigned char *chosen_count, const unsigned char *offered,
                                       unsigned int count, void *context) {
    (void)stream;
    (void)context;
    for (unsigned int place = 0; place < count; place += offered[place] + 1u) {
        if (offered[place] == 8 && place + 8 < count &&
            memcmp(offered + place + 1, "http/1.1", 8) == 0) {
            *chosen = offered + place + 1;
            *chosen_count = 8;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Accepts any certificate: the handshake proves its key, and the caller identifies the holder of the key.
static inline int interlock_tls_any(X509_STORE_CTX *store, void *context) {
    (void)context;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

// Supplies no passphrase: the gateway has no terminal to ask for one.
static inline int interlock_tls_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

// The number of handshake messages that a peer may send, during and after the handshake. A session ticket or a key
// update costs work without benefit, and libssl would read any number of them in one call.
#define INTERLOCK_TLS_MESSAGES 64

static inline void interlock_tls_count(int sent, int version, int type, const void *bytes, size_t count,
                                       SSL *stream, void *context) {
    (void)version;
    (void)bytes;
    (void)count;
    (void)context;
    if (sent || type != SSL3_RT_HANDSHAKE) return;
    uintptr_t messages = (uintptr_t)SSL_get_app_data(stream) + 1;
    SSL_set_app_data(stream, (void *)messages);
    // Any further input is discarded unread, and nothing is sent.
    if (messages > INTERLOCK_TLS_MESSAGES)
        SSL_set_shutdown(stream, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

// Settings of both sides: no renegotiation, no resumption. One call continues past handshake messages, which are
// counted: an edge-triggered socket may report no further event.
static inline int interlock_tls_settle(SSL_CTX *tls) {
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_msg_callback(tls, interlock_tls_count);
    return SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
}

// TLS 1.2 and 1.3 with forward secrecy, without renegotiation and resumption: proof given by a peer holds for its
// connection only.
static inline SSL_CTX *interlock_tls_server(void) {
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL) return NULL;
    SSL_CTX_set_options(tls, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_alpn_select_cb(tls, interlock_tls_choose, NULL);
    SSL_CTX_set_default_passwd_cb(tls, interlock_tls_no_passphrase);
    if (interlock_tls_settle(tls) != 1 || SSL_CTX_set_num_tickets(tls, 0) != 1 ||
        SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        SSL_CTX_free(tls);
        tls = NULL;
    }
    ERR_clear_error();
    return tls;
}

// Uses the server's certificate and the intermediate ones, in PEM. Returns 1; 0 if there is no certificate, or one
// cannot be read; -1 if libssl rejects it (a weak key or signature).
static inline int interlock_tls_use_certificates(SSL_CTX *tls, const uint8_t *pem, size_t count) {
    BIO *memory = BIO_new_mem_buf(pem, (int)count);
    X509 *own = memory ? PEM_read_bio_X509_AUX(memory, NULL, interlock_tls_no_passphrase, NULL) : NULL;
    int result = own == NULL ? 0 : SSL_CTX_use_certificate(tls, own) == 1 ? 1 : -1;
    X509_free(own);
    while (result == 1) {
        X509 *next = PEM_read_bio_X509(memory, NULL, interlock_tls_no_passphrase, NULL);
        if (next == NULL) {
            // The end of the file is not an error; anything else is.
            if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) result = 0;
            break;
        }
        if (SSL_CTX_add0_chain_cert(tls, next) != 1) {
            X509_free(next);
            result = -1;
        }
    }
    BIO_free(memory);
    ERR_clear_error();
    return result;
}

// The end of the certificate's validity in seconds since 1970, or INT64_MIN if there is no certificate.
static inline int64_t interlock_tls_not_after(SSL_CTX *tls) {
    X509 *own = SSL_CTX_get0_certificate(tls);
    struct tm end;
    if (own == NULL || ASN1_TIME_to_tm(X509_get0_notAfter(own), &end) != 1) return INT64_MIN;
    return (int64_t)timegm(&end);
}

// Uses a private key in PEM. Returns 1; 0 if there is no key or it has a passphrase; -1 if it does not match the
// certificate.
static inline int interlock_tls_use_key(SSL_CTX *tls, const uint8_t *pem, size_t count) {
    BIO *memory = BIO_new_mem_buf(pem, (int)count);
    EVP_PKEY *key =
        memory ? PEM_read_bio_PrivateKey(memory, NULL, interlock_tls_no_passphrase, NULL) : NULL;
    int result = key == NULL ? 0 : SSL_CTX_use_PrivateKey(tls, key) == 1 ? 1 : -1;
    if (result == 1 && SSL_CTX_check_private_key(tls) != 1) result = -1;
    EVP_PKEY_free(key);
    BIO_free(memory);
    ERR_clear_error();
    return result;
}

// Adds certificates in PEM to a store and, if `asked` is given, sends their names to clients. Returns their number, or
// -1 if one cannot be read.
static inline int interlock_tls_add_roots(X509_STORE *store, SSL_CTX *asked, const uint8_t *pem,
                                          size_t count) {
    int found = 0;
    BIO *memory = BIO_new_mem_buf(pem, (int)count);
    if (memory == NULL) found = -1;
    while (found >= 0) {
        X509 *root = PEM_read_bio_X509(memory, NULL, interlock_tls_no_passphrase, NULL);
        if (root == NULL) {
            // The end of the file is not an error; anything else is.
            if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) found = -1;
            break;
        }
        int taken = X509_STORE_add_cert(store, root) == 1 &&
                    (asked == NULL || SSL_CTX_add_client_CA(asked, root) == 1);
        found = taken ? found + 1 : -1;
        X509_free(root);
    }
    BIO_free(memory);
    ERR_clear_error();
    return found;
}

// Requests a certificate from clients; one that they send must be signed by these authorities. Returns 1, or 0 if `pem`
// contains no certificate or one that cannot be read.
static inline int interlock_tls_ask_signed(SSL_CTX *tls, const uint8_t *pem, size_t count) {
    X509_STORE *store = X509_STORE_new();
    if (store == NULL || interlock_tls_add_roots(store, tls, pem, count) < 1) {
        X509_STORE_free(store);
        return 0;
    }
    SSL_CTX_set_cert_store(tls, store);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_verify_depth(tls, 4);
    return 1;
}

// Requests a certificate from clients, signed by any authority.
static inline void interlock_tls_ask_any(SSL_CTX *tls) {
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(tls, interlock_tls_any, NULL);
}

// Both sides of connections between nodes: TLS 1.3 alone, each side must present a certificate, and no authority is
// asked. The handshake proves the key; the caller judges whose key it is before it sends or believes anything.
static inline int interlock_tls_nodes(SSL_CTX *tls) {
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(tls, interlock_tls_any, NULL);
    return SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
}

// A stream without a side yet. Returns NULL if memory is exhausted. The caller keeps the ownership of the descriptor.
static inline SSL *interlock_tls_stream(SSL_CTX *tls, int descriptor) {
    SSL *stream = SSL_new(tls);
    if (stream != NULL && SSL_set_fd(stream, descriptor) != 1) {
        SSL_free(stream);
        stream = NULL;
    }
    ERR_clear_error();
    return stream;
}

// Returns NULL if memory is exhausted. The caller keeps the ownership of the descriptor.
static inline SSL *interlock_tls_accept(SSL_CTX *tls, int descriptor) {
    SSL *stream = interlock_tls_stream(tls, descriptor);
    if (stream != NULL) SSL_set_accept_state(stream);
    return stream;
}

// The client's side, which accepts no certificate yet. Returns NULL if memory is exhausted.
static inline SSL_CTX *interlock_tls_connecting(void) {
    static const unsigned char only[] = "\x08http/1.1";
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL) return NULL;
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(tls, interlock_tls_no_passphrase);
    if (interlock_tls_settle(tls) != 1 ||
        SSL_CTX_set_alpn_protos(tls, only, sizeof only - 1) != 0) {
        SSL_CTX_free(tls);
        tls = NULL;
    }
    ERR_clear_error();
    return tls;
}

// The client's side. A server must present a certificate signed by one of the system's authorities. Returns NULL if
// memory is exhausted.
static inline SSL_CTX *interlock_tls_client(void) {
    SSL_CTX *tls = interlock_tls_connecting();
    if (tls != NULL && SSL_CTX_set_default_verify_paths(tls) != 1) {
        SSL_CTX_free(tls);
        tls = NULL;
    }
    ERR_clear_error();
    return tls;
}

// Adds certificates in PEM to those that may sign servers. Returns 1, or 0 if one cannot be read.
static inline int interlock_tls_trust(SSL_CTX *tls, const uint8_t *pem, size_t count) {
    X509_STORE *store = SSL_CTX_get_cert_store(tls);
    if (interlock_tls_add_roots(store, NULL, pem, count) < 0) return 0;
    // A certificate that is configured is trusted even if another one has signed it.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return 1;
}

// Connects to a server by name, or by address in digits, which its certificate must contain (RFC 9525). Returns NULL if
// memory is exhausted or the name is empty. The caller keeps the ownership of the descriptor.
static inline SSL *interlock_tls_connect(SSL_CTX *tls, int descriptor, const char *host, int is_address) {
    SSL *stream = interlock_tls_stream(tls, descriptor);
    if (stream != NULL) {
        SSL_set_hostflags(stream,
                          X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        int fine;
        if (is_address)
            fine = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream), host);
        else
            fine = host[0] != 0 && SSL_set1_host(stream, host) == 1 && SSL_set_tlsext_host_name(stream, host) == 1;
        if (fine == 1) {
            SSL_set_connect_state(stream);
        } else {
            SSL_free(stream);
            stream = NULL;
        }
    }
    ERR_clear_error();
    return stream;
}

// Connects to a node, whose certificate the caller judges after `interlock_tls_shake_hands`. Returns NULL if memory is
// exhausted. The caller keeps the ownership of the descriptor.
static inline SSL *interlock_tls_connect_node(SSL_CTX *tls, int descriptor) {
    SSL *stream = interlock_tls_stream(tls, descriptor);
    if (stream != NULL) SSL_set_connect_state(stream);
    return stream;
}

// Returns the reason why the peer's certificate was rejected, or NULL if it was not.
static inline const char *interlock_tls_refusal(SSL *stream) {
    long result = SSL_get_verify_result(stream);
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

// Returns 1 if bytes were received and not yet read.
static inline int interlock_tls_has_pending(SSL *stream) { return SSL_has_pending(stream); }

// Returns the number of bytes; 0 if the peer has ended its side; -1 if nothing is available now; -2 on failure.
static inline long interlock_tls_result(SSL *stream, int done, size_t moved) {
    long result = (long)moved;
    if (done != 1) {
        switch (SSL_get_error(stream, done)) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE: result = -1; break;
            case SSL_ERROR_ZERO_RETURN: result = 0; break;
            default: result = -2; break;
        }
    }
    ERR_clear_error();
    return result;
}

// Performs the handshake first, if necessary.
static inline long interlock_tls_read(SSL *stream, void *bytes, size_t count) {
    size_t moved = 0;
    ERR_clear_error();
    int done = SSL_read_ex(stream, bytes, count, &moved);
    return interlock_tls_result(stream, done, moved);
}

static inline long interlock_tls_write(SSL *stream, const void *bytes, size_t count) {
    size_t moved = 0;
    ERR_clear_error();
    int done = SSL_write_ex(stream, bytes, count, &moved);
    return interlock_tls_result(stream, done, moved);
}

// Performs the handshake and sends nothing else. Returns 1 once it is complete, -1 if it must go on later, -2 on
// failure.
static inline long interlock_tls_shake_hands(SSL *stream) {
    ERR_clear_error();
    int done = SSL_do_handshake(stream);
    long result = done == 1 ? 1 : interlock_tls_result(stream, done, 0);
    return result == 0 ? -2 : result;
}

static inline int interlock_tls_is_open(SSL *stream) { return SSL_is_init_finished(stream); }

// Signals the end of this side, without waiting.
static inline void interlock_tls_finish(SSL *stream) {
    if (SSL_is_init_finished(stream)) SSL_shutdown(stream);
    ERR_clear_error();
}

// Computes the SHA-256 of the SubjectPublicKeyInfo of the certificate whose key the client has proven (RFC 7469,
// section 2.4). Returns 0 if the client has sent no certificate.
static inline int interlock_tls_peer_key(SSL *stream, uint8_t *digest) {
    X509 *peer = SSL_get1_peer_certificate(stream);
    unsigned char *der = NULL;
    int count = peer ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(peer), &der) : 0;
    if (count > 0) SHA256(der, (size_t)count, digest);
    OPENSSL_free(der);
    X509_free(peer);
    ERR_clear_error();
    return count > 0;
}

static inline int64_t interlock_tls_seconds(const ASN1_TIME *time) {
    struct tm parts;
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : INT64_MIN;
}

// The largest URI name that is read; a SPIFFE id has at most 2048 bytes.
#define INTERLOCK_TLS_URI 2048

// Reads the certificate whose key the peer has proven: the start and end of its validity in seconds since 1970
// (INT64_MIN if it cannot be read), and its URI name. Returns the length of the name; -1 if there is no certificate, or
// it does not have exactly one URI name of 1 to INTERLOCK_TLS_URI bytes.
static inline int interlock_tls_peer_name(SSL *stream, uint8_t *uri, int64_t *begin, int64_t *end) {
    X509 *peer = SSL_get1_peer_certificate(stream);
    int length = -1, uris = 0;
    *begin = *end = INT64_MIN;
    if (peer != NULL) {
        *begin = interlock_tls_seconds(X509_get0_notBefore(peer));
        *end = interlock_tls_seconds(X509_get0_notAfter(peer));
        GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(peer, NID_subject_alt_name, NULL, NULL);
        for (int place = 0; place < sk_GENERAL_NAME_num(names); place++) {
            const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, place);
            if (name->type != GEN_URI) continue;
            int count = ASN1_STRING_length(name->d.uniformResourceIdentifier);
            if (++uris == 1 && count >= 1 && count <= INTERLOCK_TLS_URI) {
                memcpy(uri, ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), (size_t)count);
                length = count;
            }
        }
        GENERAL_NAMES_free(names);
    }
    X509_free(peer);
    ERR_clear_error();
    return uris == 1 ? length : -1;
}
#endif
