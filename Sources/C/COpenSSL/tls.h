#ifndef INTERLOCK_COPENSSL_TLS_H
#define INTERLOCK_COPENSSL_TLS_H
// TLS over a non-blocking socket (libssl), and what Swift cannot call of it.
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <string.h>

// HTTP/1.1 is all that is spoken here; a client that names other protocols alone is told so.
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

// Any certificate will do: its key is proven by the handshake, and who it is says whoever looks it up.
static inline int interlock_tls_any(X509_STORE_CTX *store, void *context) {
    (void)context;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

// A passphrase is never asked for: the gateway has no terminal.
static inline int interlock_tls_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

// What a peer may send of the handshake's messages, in it and after it. A session ticket or a change of keys
// costs work and brings nothing, and libssl would read any number of them in one call.
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
    // Whatever else comes is thrown away unread, and nothing is sent.
    if (messages > INTERLOCK_TLS_MESSAGES)
        SSL_set_shutdown(stream, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

// What holds for both sides: no renegotiation, no resumption. One call reads on behind messages of the handshake,
// which are counted: a socket that is watched by its edges may have no other event.
static inline int interlock_tls_settle(SSL_CTX *tls) {
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_msg_callback(tls, interlock_tls_count);
    return SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
}

// TLS 1.2 and 1.3, forward secrecy alone, no renegotiation, no resumption: what a connection's peer has
// proven, it has proven on that connection.
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

// The server's certificate and those between it and its root, in PEM. 1; 0 there is none, or one that
// cannot be read; -1 libssl does not take it (a weak key or signature).
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

// 1; 0 no private key in PEM, or one under a passphrase; -1 it is not the certificate's.
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

// Puts certificates in PEM into a store; their names are told to clients where `asked` is given. How many there are;
// -1 when one cannot be read.
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

// Clients are asked for a certificate; one that they send must be signed by these. 1, 0 when there is
// none or one cannot be read.
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

// The same without asking who signed it.
static inline void interlock_tls_ask_any(SSL_CTX *tls) {
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(tls, interlock_tls_any, NULL);
}

// NULL for want of memory. The descriptor stays the caller's.
static inline SSL *interlock_tls_accept(SSL_CTX *tls, int descriptor) {
    SSL *stream = SSL_new(tls);
    if (stream != NULL && SSL_set_fd(stream, descriptor) != 1) {
        SSL_free(stream);
        stream = NULL;
    }
    if (stream != NULL) SSL_set_accept_state(stream);
    ERR_clear_error();
    return stream;
}

// The client's side. Servers must show a certificate that the system's authorities have signed. NULL for want of
// memory.
static inline SSL_CTX *interlock_tls_client(void) {
    static const unsigned char only[] = "\x08http/1.1";
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL) return NULL;
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(tls, interlock_tls_no_passphrase);
    if (interlock_tls_settle(tls) != 1 || SSL_CTX_set_default_verify_paths(tls) != 1 ||
        SSL_CTX_set_alpn_protos(tls, only, sizeof only - 1) != 0) {
        SSL_CTX_free(tls);
        tls = NULL;
    }
    ERR_clear_error();
    return tls;
}

// Certificates in PEM that sign servers too. 1, 0 when one cannot be read.
static inline int interlock_tls_trust(SSL_CTX *tls, const uint8_t *pem, size_t count) {
    X509_STORE *store = SSL_CTX_get_cert_store(tls);
    if (interlock_tls_add_roots(store, NULL, pem, count) < 0) return 0;
    // Whoever names a certificate trusts it, whether or not something else has signed it.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return 1;
}

// To a server of that name, or at that address in digits: its certificate must say so (RFC 9525). NULL for
// want of memory or for no name. The descriptor stays the caller's.
static inline SSL *interlock_tls_connect(SSL_CTX *tls, int descriptor, const char *host, int is_address) {
    SSL *stream = SSL_new(tls);
    if (stream != NULL) {
        SSL_set_hostflags(stream,
                          X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        int fine = SSL_set_fd(stream, descriptor);
        if (fine == 1 && is_address)
            fine = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream), host);
        else if (fine == 1)
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

// Why the peer's certificate is not accepted; NULL where that is not what failed.
static inline const char *interlock_tls_refusal(SSL *stream) {
    long result = SSL_get_verify_result(stream);
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

// Whether anything was received and not yet read.
static inline int interlock_tls_has_pending(SSL *stream) { return SSL_has_pending(stream); }

// Bytes; 0 the peer ended its side; -1 nothing now; -2 failed.
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

// Does the handshake first.
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

static inline int interlock_tls_is_open(SSL *stream) { return SSL_is_init_finished(stream); }

// Says that nothing follows; waits for nothing.
static inline void interlock_tls_finish(SSL *stream) {
    if (SSL_is_init_finished(stream)) SSL_shutdown(stream);
    ERR_clear_error();
}

// SHA-256 of the SubjectPublicKeyInfo of the certificate whose key the client has proven (RFC 7469,
// section 2.4). 0 without one.
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
#endif
