#ifndef INTERLOCK_CZLIB_H
#define INTERLOCK_CZLIB_H
#include <stdlib.h>
#include <sys/types.h>
#include <zlib.h>

// Writes one whole gzip member of `count` bytes; a function because deflateInit2 is a macro. Returns its size, or 0 if
// it does not fit into `room` or memory is exhausted.
static inline size_t interlock_gzip(const void *bytes, size_t count, void *out, size_t room) {
    z_stream stream = {0};
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    // 16 + 15 selects the gzip format and the largest window. The best compression would take twice as long for a
    // five-hundredth less.
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + 15, 9, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    int end = deflate(&stream, Z_FINISH);
    size_t made = stream.total_out;
    deflateEnd(&stream);
    return end == Z_STREAM_END ? made : 0;
}

// Reads one gzip member of `count` bytes. Returns its size; -1 if it is malformed or goes on after its end; -2 if it does
// not fit into `room`.
static inline ssize_t interlock_gunzip(const void *bytes, size_t count, void *out, size_t room) {
    z_stream stream = {0};
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    if (inflateInit2(&stream, 16 + 15) != Z_OK) return -1;
    int end = inflate(&stream, Z_FINISH);
    size_t made = stream.total_out;
    uInt rest = stream.avail_in;
    uInt left = stream.avail_out;
    inflateEnd(&stream);
    if (end == Z_STREAM_END) return rest == 0 ? (ssize_t)made : -1;
    // A whole member has at least its trailer left when the room is used up.
    return left == 0 && rest > 0 && (end == Z_BUF_ERROR || end == Z_OK) ? -2 : -1;
}

// The state of an inflater that unpacks one stream after another, or NULL without memory.
static inline z_stream *interlock_inflater_make(void) {
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream && inflateInit2(stream, 15) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void interlock_inflater_free(z_stream *stream) {
    if (!stream) return;
    inflateEnd(stream);
    free(stream);
}

// Begins a stream, which must stay until its last part is unpacked. `bits` as of inflateInit2. Returns 0 if it cannot.
static inline int interlock_inflate_begin(z_stream *stream, int bits, const void *bytes, size_t count) {
    stream->next_in = (Bytef *)bytes;
    stream->avail_in = (uInt)count;
    return inflateReset2(stream, bits) == Z_OK;
}

typedef enum {
    // `room` is used up.
    INTERLOCK_INFLATE_MORE,
    // The stream has ended.
    INTERLOCK_INFLATE_WHOLE,
    // The bytes end before the stream.
    INTERLOCK_INFLATE_CUT,
    // The bytes are no stream from here on.
    INTERLOCK_INFLATE_BROKEN,
} interlock_inflate_end;

// Unpacks the next part of a stream and sets `made` to its size. `room` is not 0.
static inline interlock_inflate_end interlock_inflate_next(
    z_stream *stream, void *out, size_t room, size_t *made) {
    stream->next_out = out;
    stream->avail_out = (uInt)room;
    int end = inflate(stream, Z_NO_FLUSH);
    *made = room - stream->avail_out;
    if (end == Z_STREAM_END) return INTERLOCK_INFLATE_WHOLE;
    if (end != Z_OK && end != Z_BUF_ERROR) return INTERLOCK_INFLATE_BROKEN;
    return stream->avail_out == 0 ? INTERLOCK_INFLATE_MORE : INTERLOCK_INFLATE_CUT;
}
#endif
