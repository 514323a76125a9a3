// What one durable write costs on this disk: 4 KiB into a preallocated file, then fdatasync, in a loop.
//
//     flush FILE SECONDS
//
// The file is made, 64 MiB of zeros, synced, and removed at the end. Prints one JSON object.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 4096, SIZE = 64 << 20, MOST = 1 << 20 };

static uint32_t took[MOST];
static char zeros[1 << 20];

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char **words) {
    if (count != 3) {
        fprintf(stderr, "usage: flush FILE SECONDS\n");
        return 64;
    }
    int fd = open(words[1], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror(words[1]);
        return 1;
    }
    for (int at = 0; at < SIZE; at += (int)sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros) return 1;
    if (fsync(fd)) return 1;
    char frame[FRAME];
    memset(frame, 'x', sizeof frame);
    uint64_t calls = 0, sum = 0;
    int64_t end = now_ns() + (int64_t)(atof(words[2]) * 1e9);
    while (now_ns() < end && calls < MOST) {
        int64_t start = now_ns();
        if (pwrite(fd, frame, FRAME, (off_t)(calls * FRAME % SIZE)) != FRAME || fdatasync(fd)) {
            perror("fdatasync");
            return 1;
        }
        took[calls] = (uint32_t)((now_ns() - start) / 1000);
        sum += took[calls++];
    }
    close(fd);
    unlink(words[1]);
    if (calls == 0) return 1;
    qsort(took, calls, sizeof *took, by_size);
    printf("{\"flushes\":%llu,\"per_second\":%.1f,\"p50_us\":%u,\"p99_us\":%u}\n", (unsigned long long)calls,
           1e6 * (double)calls / (double)sum, took[calls / 2], took[calls * 99 / 100]);
    return 0;
}
