// What durable commits cost on this disk without anything else: writers that wait, one flusher.
//
//     yardstick FILE append|overwrite WRITERS SECONDS BYTES
//
// Each writer hands over a record of BYTES and waits until it is durable; the flusher writes all that wait
// with one call, then `fdatasync`, then lets them go. `append` grows the file; `overwrite` goes round in
// 64 MiB of zeros that are there already. Prints one JSON object; the file is removed.

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64 << 20, MOST_WRITERS = 1024, MOST_BYTES = 65536, MOST_SAMPLES = 1 << 22 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER, durable = PTHREAD_COND_INITIALIZER;
static uint64_t queued, committed;  // records handed over, records durable
static int stopping;
static int writers, bytes, overwrites, file;
static uint32_t *took;  // microseconds
static uint64_t samples;
static char zeros[1 << 20];

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void *write_records(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    while (!stopping) {
        int64_t start = now_ns();
        uint64_t mine = ++queued;
        pthread_cond_signal(&work);
        while (committed < mine) pthread_cond_wait(&durable, &lock);
        if (samples < MOST_SAMPLES) took[samples++] = (uint32_t)((now_ns() - start) / 1000);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void *flush_records(void *unused) {
    (void)unused;
    char *batch = malloc((size_t)writers * (size_t)bytes);
    if (!batch) fail("malloc");
    memset(batch, 'x', (size_t)writers * (size_t)bytes);
    off_t at = 0;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (queued == committed && !stopping) pthread_cond_wait(&work, &lock);
        if (queued == committed) break;
        uint64_t until = queued;
        size_t size = (size_t)(until - committed) * (size_t)bytes;
        pthread_mutex_unlock(&lock);
        if (overwrites && at + (off_t)size > SIZE) at = 0;
        if (pwrite(file, batch, size, at) != (ssize_t)size) fail("pwrite");
        if (fdatasync(file)) fail("fdatasync");
        at += (off_t)size;
        pthread_mutex_lock(&lock);
        committed = until;
        pthread_cond_broadcast(&durable);
    }
    pthread_mutex_unlock(&lock);
    free(batch);
    return NULL;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char **words) {
    if (count != 6) {
        fprintf(stderr, "usage: yardstick FILE append|overwrite WRITERS SECONDS BYTES\n");
        return 64;
    }
    overwrites = strcmp(words[2], "overwrite") == 0;
    writers = atoi(words[3]);
    bytes = atoi(words[5]);
    if (writers < 1 || writers > MOST_WRITERS || bytes < 1 || bytes > MOST_BYTES) return 64;
    took = malloc(MOST_SAMPLES * sizeof *took);
    file = open(words[1], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (!took || file < 0) fail(words[1]);
    for (int at = 0; overwrites && at < SIZE; at += (int)sizeof zeros)
        if (pwrite(file, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros) fail("pwrite");
    if (fsync(file)) fail("fsync");

    pthread_t flusher, threads[MOST_WRITERS];
    int64_t start = now_ns();
    if (pthread_create(&flusher, NULL, flush_records, NULL)) fail("pthread_create");
    for (int number = 0; number < writers; number++)
        if (pthread_create(&threads[number], NULL, write_records, NULL)) fail("pthread_create");
    usleep((useconds_t)(atof(words[4]) * 1e6));
    pthread_mutex_lock(&lock);
    stopping = 1;
    pthread_cond_broadcast(&work);
    pthread_mutex_unlock(&lock);
    for (int number = 0; number < writers; number++) pthread_join(threads[number], NULL);
    pthread_join(flusher, NULL);
    double seconds = (double)(now_ns() - start) / 1e9;
    close(file);
    unlink(words[1]);
    if (!samples) return 1;
    qsort(took, samples, sizeof *took, by_size);
    printf("{\"per_second\":%.1f,\"p50_us\":%u,\"p99_us\":%u}\n", (double)committed / seconds, took[samples / 2],
           took[samples * 99 / 100]);
    return 0;
}
