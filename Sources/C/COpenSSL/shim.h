#ifndef INTERLOCK_COPENSSL_H
#define INTERLOCK_COPENSSL_H
// libcrypto as Interlock uses it: each function takes and returns plain bytes, owns its allocations, and returns 1 for
// yes or success, 0 for no. No other part of OpenSSL is exposed.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tls.h"

// The low-level calls: their state is on the stack and they look up no provider, which for leaves of a few hundred
// bytes costs a third of the EVP one-shot.
static inline void interlock_sha256(const uint8_t *bytes, size_t count, uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, count);
    SHA256_Final(digest, &context);
}

static inline void interlock_sha256_parts(const uint8_t *head, size_t head_count,
                                          const uint8_t *tail, size_t tail_count,
                                          uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, head, head_count);
    SHA256_Update(&context, tail, tail_count);
    SHA256_Final(digest, &context);
}

static inline void interlock_sha256_begin(SHA256_CTX *context) { SHA256_Init(context); }

static inline void interlock_sha256_go_on(SHA256_CTX *context, const uint8_t *bytes, size_t count) {
    SHA256_Update(context, bytes, count);
}

static inline void interlock_sha256_end(SHA256_CTX *context, uint8_t *digest) {
    SHA256_Final(digest, context);
}

static inline int interlock_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *bytes,
                                        size_t count, uint8_t *code) {
    unsigned int written = 0;
    return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, code, &written) != NULL &&
           written == 32;
}

// A key of HMAC-SHA256, stored as the two states after its first blocks, so that a code over up to 55 bytes costs two
// compressions.
static inline void interlock_hmac_prepare(const uint8_t *key, uint32_t *inner, uint32_t *outer) {
    uint8_t block[SHA256_CBLOCK];
    SHA256_CTX context;
    for (int side = 0; side < 2; side++) {
        memset(block, side == 0 ? 0x36 : 0x5c, sizeof block);
        for (int place = 0; place < 32; place++) block[place] ^= key[place];
        SHA256_Init(&context);
        SHA256_Update(&context, block, sizeof block);
        memcpy(side == 0 ? inner : outer, context.h, sizeof context.h);
    }
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&context, sizeof context);
}

static inline void interlock_sha256_resume(SHA256_CTX *context, const uint32_t *state) {
    SHA256_Init(context);
    memcpy(context->h, state, sizeof context->h);
    context->Nl = 8 * SHA256_CBLOCK;
}

static inline void interlock_hmac_code(const uint32_t *inner, const uint32_t *outer,
                                       const uint8_t *bytes, size_t count, uint8_t *code) {
    SHA256_CTX context;
    interlock_sha256_resume(&context, inner);
    SHA256_Update(&context, bytes, count);
    SHA256_Final(code, &context);
    interlock_sha256_resume(&context, outer);
    SHA256_Update(&context, code, 32);
    SHA256_Final(code, &context);
    OPENSSL_cleanse(&context, sizeof context);
}

// AES-256-GCM (NIST SP 800-38D), with a nonce of 12 bytes and a tag of 16. A context is reused, by one thread at a
// time: making one costs several times as much as encrypting.
static inline EVP_CIPHER_CTX *interlock_gcm_new(void) {
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (cipher == NULL || context == NULL ||
        EVP_EncryptInit_ex2(context, cipher, NULL, NULL, NULL) != 1) {
        EVP_CIPHER_CTX_free(context);
        context = NULL;
    }
    EVP_CIPHER_free(cipher);
    ERR_clear_error();
    return context;
}

// `output` receives the two encrypted parts, then the tag.
static inline int interlock_gcm_seal(EVP_CIPHER_CTX *context, const uint8_t *key,
                                     const uint8_t *nonce, const uint8_t *data, size_t data_count,
                                     const uint8_t *head, size_t head_count, const uint8_t *body,
                                     size_t body_count, uint8_t *output) {
    int written = 0;
    size_t count = head_count + body_count;
    return count <= INT32_MAX && EVP_EncryptInit_ex2(context, NULL, key, nonce, NULL) == 1 &&
           EVP_EncryptUpdate(context, NULL, &written, data, (int)data_count) == 1 &&
           (head_count == 0 ||
            EVP_EncryptUpdate(context, output, &written, head, (int)head_count) == 1) &&
           (body_count == 0 || EVP_EncryptUpdate(context, output + head_count, &written, body,
                                                 (int)body_count) == 1) &&
           EVP_EncryptFinal_ex(context, output + count, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, output + count) == 1;
}

// `count` excludes the tag, which follows. `output` is valid only if this returns 1.
static inline int interlock_gcm_open(EVP_CIPHER_CTX *context, const uint8_t *key,
                                     const uint8_t *nonce, const uint8_t *data, size_t data_count,
                                     const uint8_t *bytes, size_t count, uint8_t *output) {
    int written = 0;
    uint8_t tag[16];
    if (count > INT32_MAX) return 0;
    memcpy(tag, bytes + count, sizeof tag);
    int opened = EVP_DecryptInit_ex2(context, NULL, key, nonce, NULL) == 1 &&
                 EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
                 EVP_DecryptUpdate(context, NULL, &written, data, (int)data_count) == 1 &&
                 (count == 0 ||
                  EVP_DecryptUpdate(context, output, &written, bytes, (int)count) == 1) &&
                 EVP_DecryptFinal_ex(context, output + count, &written) == 1;
    ERR_clear_error();
    return opened;
}

static inline void interlock_wipe(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }

static inline int interlock_equal(const uint8_t *a, const uint8_t *b, size_t count) {
    return CRYPTO_memcmp(a, b, count) == 0;
}

// Ed25519.
static inline int interlock_ed25519_verify(const uint8_t *public_key, const uint8_t *message,
                                           size_t count, const uint8_t *signature) {
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int verified = key != NULL && context != NULL &&
                   EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                   EVP_DigestVerify(context, signature, 64, message, count) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return verified;
}

// Keys of other issuers, for verification only. Returns NULL if libcrypto rejects the parameters for this kind.
static inline EVP_PKEY *interlock_public_key(const char *kind, OSSL_PARAM *parameters) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return key;
}

// Both numbers are big-endian. The caller must validate them: libcrypto's own check of a modulus uses random bases, so
// that it may accept a weak key at one time and reject it at another.
static inline EVP_PKEY *interlock_rsa_public(const uint8_t *modulus, size_t modulus_count,
                                             const uint8_t *exponent, size_t exponent_count) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = NULL;
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (n && e && build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        parameters = OSSL_PARAM_BLD_to_param(build);
    if (parameters) key = interlock_public_key("RSA", parameters);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

// `point` is the byte 4, then x and y of 32 bytes each.
static inline EVP_PKEY *interlock_p256_public(const uint8_t *point) {
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, 65),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = interlock_public_key("EC", parameters);
    EVP_PKEY_CTX *check = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    if (check == NULL || EVP_PKEY_public_check_quick(check) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(check);
    ERR_clear_error();
    return key;
}

// RSASSA-PKCS1-v1_5, or ECDSA over DER, with SHA-256.
static inline int interlock_sha256_verify(EVP_PKEY *key, const uint8_t *message, size_t count,
                                         const uint8_t *signature, size_t signature_count) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int verified =
        key != NULL && context != NULL &&
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(context, signature, signature_count, message, count) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return verified;
}

// ECDSA on P-256 with SHA-256; `signature` is r and s with 32 bytes each (RFC 7518, section 3.4).
static inline int interlock_es256_verify(EVP_PKEY *key, const uint8_t *message, size_t count,
                                         const uint8_t *signature) {
    int verified = 0;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        unsigned char *written = NULL;
        int length = i2d_ECDSA_SIG(pair, &written);
        if (length > 0)
            verified = interlock_sha256_verify(key, message, count, written, (size_t)length);
        OPENSSL_free(written);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(pair);
    ERR_clear_error();
    return verified;
}

// Supplies no passphrase, so that reading a protected private key returns NULL.
static inline int interlock_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static inline EVP_PKEY *interlock_private_pem(const uint8_t *pem, size_t count) {
    BIO *memory = BIO_new_mem_buf(pem, (int)count);
    EVP_PKEY *key =
        memory ? PEM_read_bio_PrivateKey(memory, NULL, interlock_no_passphrase, NULL) : NULL;
    BIO_free(memory);
    ERR_clear_error();
    return key;
}

// Returns 1 for RSA of 2,048 to 8,192 bits, 2 for P-256, 3 for Ed25519, 0 for any other key.
static inline int interlock_private_kind(EVP_PKEY *key) {
    char group[32] = "";
    switch (EVP_PKEY_get_id(key)) {
        case EVP_PKEY_RSA:
            return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192 ? 1 : 0;
        case EVP_PKEY_EC:
            return EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
                           strcmp(group, "prime256v1") == 0
                       ? 2
                       : 0;
        case EVP_PKEY_ED25519: return 3;
        default: return 0;
    }
}

// Signs with SHA-256: RSASSA-PKCS1-v1_5, or ECDSA as r and s of 32 bytes each; Ed25519 has a digest of its own.
// `signature` must have room for 1,024 bytes. Returns the length, or 0 on failure.
static inline size_t interlock_private_sign(EVP_PKEY *key, const uint8_t *message, size_t count,
                                            uint8_t *signature) {
    int kind = interlock_private_kind(key);
    size_t written = 1024, result = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int signed_ = kind != 0 && context != NULL &&
                  EVP_DigestSignInit(context, NULL, kind == 3 ? NULL : EVP_sha256(), NULL, key) == 1 &&
                  EVP_DigestSign(context, signature, &written, message, count) == 1;
    if (signed_ && kind != 2) result = written;
    if (signed_ && kind == 2) {
        const unsigned char *place = signature;
        ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &place, (long)written);
        uint8_t halves[64];
        if (pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), halves, 32) == 32 &&
            BN_bn2binpad(ECDSA_SIG_get0_s(pair), halves + 32, 32) == 32) {
            memcpy(signature, halves, 64);
            result = 64;
        }
        ECDSA_SIG_free(pair);
    }
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return result;
}

// Writes `seed` as PKCS#8 in PEM, encrypted with AES-256-CBC under a key from scrypt (N 16384, r 8, p 1: the highest
// that OpenSSL's own limit of 32 MiB can read back). Returns the length, or 0 on failure.
static inline size_t interlock_seal_seed(const uint8_t *seed, const char *passphrase,
                                         size_t passphrase_count, uint8_t *output,
                                         size_t capacity) {
    size_t written = 0;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
    PKCS8_PRIV_KEY_INFO *plain = key ? EVP_PKEY2PKCS8(key) : NULL;
    X509_ALGOR *scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, 16384, 8, 1);
    X509_SIG *sealed = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    if (plain && scheme && memory) {
        sealed = PKCS8_set0_pbe(passphrase, (int)passphrase_count, plain, scheme);
        if (sealed) scheme = NULL;  // `sealed` owns it now
    }
    if (sealed && PEM_write_bio_PKCS8(memory, sealed) == 1) {
        char *text = NULL;
        long count = BIO_get_mem_data(memory, &text);
        if (count > 0 && (size_t)count <= capacity) {
            memcpy(output, text, (size_t)count);
            written = (size_t)count;
        }
    }
    BIO_free(memory);
    X509_SIG_free(sealed);
    X509_ALGOR_free(scheme);
    PKCS8_PRIV_KEY_INFO_free(plain);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return written;
}

// Returns 1 and fills `seed`; 0 for a wrong passphrase or damage; -1 if there is no encrypted PKCS#8; -2 if it is not
// an Ed25519 key.
static inline int interlock_open_seed(const uint8_t *pem, size_t count, const char *passphrase,
                                      size_t passphrase_count, uint8_t *seed) {
    int result = -1;
    BIO *memory = BIO_new_mem_buf(pem, (int)count);
    X509_SIG *sealed = memory ? PEM_read_bio_PKCS8(memory, NULL, NULL, NULL) : NULL;
    if (sealed) {
        PKCS8_PRIV_KEY_INFO *plain = PKCS8_decrypt(sealed, passphrase, (int)passphrase_count);
        EVP_PKEY *key = plain ? EVP_PKCS82PKEY(plain) : NULL;
        size_t written = 32;
        if (!plain || !key) {
            result = 0;
        } else if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
            result = -2;
        } else {
            result = EVP_PKEY_get_raw_private_key(key, seed, &written) == 1 && written == 32;
        }
        EVP_PKEY_free(key);
        PKCS8_PRIV_KEY_INFO_free(plain);
    }
    X509_SIG_free(sealed);
    BIO_free(memory);
    ERR_clear_error();
    return result;
}
#endif
