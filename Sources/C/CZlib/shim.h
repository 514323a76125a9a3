#ifndef INTERLOCK_CZLIB_H
#define INTERLOCK_CZLIB_H
#include <zlib.h>

// deflateInit2 is a macro. One whole gzip member of `count` bytes; 0 when it does not fit into `room`, or there is no
// memory for it.
static inline size_t interlock_gzip(const void *bytes, size_t count, void *out, size_t room) {
    z_stream stream = {0};
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    // 16 + 15: the form of gzip, the widest window. The best compression takes twice as long for a five-hundredth less.
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + 15, 9, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    int end = deflate(&stream, Z_FINISH);
    size_t made = stream.total_out;
    deflateEnd(&stream);
    return end == Z_STREAM_END ? made : 0;
}
#endif
