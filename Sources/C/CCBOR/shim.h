#ifndef INTERLOCK_CCBOR_H
#define INTERLOCK_CCBOR_H
// libcbor's stateless decoder as one call, which reads the head of the next item. It allocates nothing and keeps no
// state; the caller checks nesting, counts and permitted kinds.
#include <cbor/callbacks.h>
#include <cbor/streaming.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INTERLOCK_CBOR_OTHER = 0,  // a tag, a float, `undefined`, an indefinite length, a lone break
    INTERLOCK_CBOR_UNSIGNED,
    INTERLOCK_CBOR_NEGATIVE,   // -1 - number
    INTERLOCK_CBOR_BYTES,      // the last `number` bytes of those that were read
    INTERLOCK_CBOR_TEXT,       // as INTERLOCK_CBOR_BYTES, not yet known to be UTF-8
    INTERLOCK_CBOR_ARRAY,      // `number` items follow
    INTERLOCK_CBOR_MAP,        // `number` pairs follow
    INTERLOCK_CBOR_BOOL,
    INTERLOCK_CBOR_NULL
};

struct interlock_cbor_item {
    int kind;
    uint64_t number;
};

static inline void interlock_cbor_keep(void *context, int kind, uint64_t number) {
    struct interlock_cbor_item *item = (struct interlock_cbor_item *)context;
    item->kind = kind;
    item->number = number;
}

#define INTERLOCK_CBOR_NUMBER(name, type, kind) \
    static inline void interlock_cbor_##name(void *c, type n) { interlock_cbor_keep(c, kind, n); }
INTERLOCK_CBOR_NUMBER(uint8, uint8_t, INTERLOCK_CBOR_UNSIGNED)
INTERLOCK_CBOR_NUMBER(uint16, uint16_t, INTERLOCK_CBOR_UNSIGNED)
INTERLOCK_CBOR_NUMBER(uint32, uint32_t, INTERLOCK_CBOR_UNSIGNED)
INTERLOCK_CBOR_NUMBER(uint64, uint64_t, INTERLOCK_CBOR_UNSIGNED)
INTERLOCK_CBOR_NUMBER(negint8, uint8_t, INTERLOCK_CBOR_NEGATIVE)
INTERLOCK_CBOR_NUMBER(negint16, uint16_t, INTERLOCK_CBOR_NEGATIVE)
INTERLOCK_CBOR_NUMBER(negint32, uint32_t, INTERLOCK_CBOR_NEGATIVE)
INTERLOCK_CBOR_NUMBER(negint64, uint64_t, INTERLOCK_CBOR_NEGATIVE)
INTERLOCK_CBOR_NUMBER(array, size_t, INTERLOCK_CBOR_ARRAY)
INTERLOCK_CBOR_NUMBER(map, size_t, INTERLOCK_CBOR_MAP)
INTERLOCK_CBOR_NUMBER(bool, bool, INTERLOCK_CBOR_BOOL)
#undef INTERLOCK_CBOR_NUMBER

static inline void interlock_cbor_bytes(void *context, cbor_data data, size_t count) {
    (void)data;
    interlock_cbor_keep(context, INTERLOCK_CBOR_BYTES, count);
}

static inline void interlock_cbor_text(void *context, cbor_data data, size_t count) {
    (void)data;
    interlock_cbor_keep(context, INTERLOCK_CBOR_TEXT, count);
}

static inline void interlock_cbor_null(void *context) {
    interlock_cbor_keep(context, INTERLOCK_CBOR_NULL, 0);
}

// Returns the number of bytes of the item: its head and, for a string, its content; 0 if the item is cut short or
// malformed.
static inline size_t interlock_cbor_next(const uint8_t *bytes, size_t count,
                                         struct interlock_cbor_item *item) {
    struct cbor_callbacks callbacks = cbor_empty_callbacks;
    callbacks.uint8 = interlock_cbor_uint8;
    callbacks.uint16 = interlock_cbor_uint16;
    callbacks.uint32 = interlock_cbor_uint32;
    callbacks.uint64 = interlock_cbor_uint64;
    callbacks.negint8 = interlock_cbor_negint8;
    callbacks.negint16 = interlock_cbor_negint16;
    callbacks.negint32 = interlock_cbor_negint32;
    callbacks.negint64 = interlock_cbor_negint64;
    callbacks.byte_string = interlock_cbor_bytes;
    callbacks.string = interlock_cbor_text;
    callbacks.array_start = interlock_cbor_array;
    callbacks.map_start = interlock_cbor_map;
    callbacks.boolean = interlock_cbor_bool;
    callbacks.null = interlock_cbor_null;
    interlock_cbor_keep(item, INTERLOCK_CBOR_OTHER, 0);
    struct cbor_decoder_result result = cbor_stream_decode(bytes, count, &callbacks, item);
    return result.status == CBOR_DECODER_FINISHED ? result.read : 0;
}
#endif
