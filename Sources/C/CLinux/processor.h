#ifndef INTERLOCK_PROCESSOR_H
#define INTERLOCK_PROCESSOR_H
// An instruction that Swift cannot name. Ask for it at run time: the program is built for any x86-64.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
static inline int interlock_has_crc32c(void) { return __builtin_cpu_supports("sse4.2") != 0; }

// CRC-32C of the bytes; only where the processor has it.
__attribute__((target("sse4.2"))) static inline uint32_t interlock_crc32c(const uint8_t *bytes,
                                                                          size_t count) {
    uint64_t crc = 0xffffffff;
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
