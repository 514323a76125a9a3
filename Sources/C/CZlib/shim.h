#ifndef INTERLOCK_CZLIB_H
#define INTERLOCK_CZLIB_H
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
#endif
