#ifndef INTERLOCK_CSODIUM_H
#define INTERLOCK_CSODIUM_H
// libsodium, which signs by Ed25519 in less than half of the time that libcrypto takes (docs/decisions/0058).
#include <sodium/core.h>
#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>
#include <stddef.h>
#include <stdint.h>

// A key that may sign on any thread, in memory of its own between pages that cannot be read; NULL for lack of memory.
// Writes the public key, 32 bytes.
static inline uint8_t *interlock_ed25519_private(const uint8_t *seed, uint8_t *public_key) {
    if (sodium_init() < 0) return NULL;
    uint8_t *key = (uint8_t *)sodium_malloc(crypto_sign_ed25519_SECRETKEYBYTES);
    if (key != NULL && crypto_sign_ed25519_seed_keypair(public_key, key, seed) != 0) {
        sodium_free(key);
        key = NULL;
    }
    if (key != NULL) sodium_mprotect_readonly(key);
    return key;
}

static inline int interlock_ed25519_sign(const uint8_t *key, const uint8_t *message, size_t count,
                                         uint8_t *signature) {
    return crypto_sign_ed25519_detached(signature, NULL, message, count, key) == 0;
}

// Overwrites the key.
static inline void interlock_ed25519_free(uint8_t *key) { sodium_free(key); }
#endif
