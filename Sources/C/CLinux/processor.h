#ifndef INTERLOCK_PROCESSOR_H
#define INTERLOCK_PROCESSOR_H
// Instructions that Swift cannot name. Callers must test for them at run time: the program is built for any x86-64.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
static inline int interlock_has_crc32c(void) {
    return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

typedef long long interlock_two_words __attribute__((vector_size(16)));

// Extends `crc` by n zero bytes; `factor` is x^(8n - 33) modulo the polynomial, both reflected.
__attribute__((target("sse4.2,pclmul"))) static inline uint64_t interlock_crc32c_moved(
    uint64_t crc, uint32_t factor) {
    interlock_two_words product = __builtin_ia32_pclmulqdq128(
        (interlock_two_words){(long long)crc, 0}, (interlock_two_words){(long long)factor, 0}, 0);
    return __builtin_ia32_crc32di(0, (uint64_t)product[0]);
}

// CRC-32C of the bytes; must be called only if interlock_has_crc32c() is true. An instruction takes three cycles and
// one can start in each, so three strands of 512 bytes are computed in parallel and combined.
__attribute__((target("sse4.2,pclmul"))) static inline uint32_t interlock_crc32c(
    const uint8_t *bytes, size_t count) {
    enum { strand = 512 };
    const uint32_t past_one = 0xdd7e3b0c, past_two = 0x170076fa;
    uint64_t crc = 0xffffffff;
    for (; count >= 3 * strand; bytes += 3 * strand, count -= 3 * strand) {
        uint64_t second = 0, third = 0;
        for (size_t place = 0; place < strand; place += 8) {
            uint64_t a, b, c;
            memcpy(&a, bytes + place, 8);
            memcpy(&b, bytes + strand + place, 8);
            memcpy(&c, bytes + 2 * strand + place, 8);
            crc = __builtin_ia32_crc32di(crc, a);
            second = __builtin_ia32_crc32di(second, b);
            third = __builtin_ia32_crc32di(third, c);
        }
        crc = interlock_crc32c_moved(crc, past_two) ^ interlock_crc32c_moved(second, past_one) ^ third;
    }
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    uint32_t rest = (uint32_t)crc;
    for (; count > 0; bytes++, count--) rest = __builtin_ia32_crc32qi(rest, *bytes);
    return ~rest;
}
#else
static inline int interlock_has_crc32c(void) { return 0; }
static inline uint32_t interlock_crc32c(const uint8_t *bytes, size_t count) {
    (void)bytes;
    (void)count;
    __builtin_trap();
}
#endif
#endif
