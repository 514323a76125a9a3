// The specification as arguments of bubblewrap, in a memfd: none of them shows in a list of processes, and no text of the
// specification can become an option, because each option takes a fixed number of arguments. What comes from outside is
// named by descriptor, so that a path that is swapped for a symbolic link later changes nothing.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Moves a descriptor above those of the launcher inside, and lets bubblewrap inherit it.
static int raise_descriptor(int descriptor) {
    return descriptor < 0 ? -1 : close_with(descriptor, fcntl(descriptor, F_DUPFD, INNER_FIRST_SOURCE));
}

static int memory_of(const char *content, size_t size) {
    int memfd = memfd_create("file", MFD_CLOEXEC);
    if (memfd < 0) return -1;
    for (size_t done = 0; done < size;) {
        ssize_t count = write(memfd, content + done, size - done);
        if (count < 0) return close_with(memfd, -1);
        done += (size_t)count;
    }
    return lseek(memfd, 0, SEEK_SET) == 0 ? memfd : close_with(memfd, -1);
}

// Adds words, each with its final NUL; the last one is NULL.
static int add(FILE *out, ...) {
    va_list words;
    va_start(words, out);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;) fwrite(word, 1, strlen(word) + 1, out);
    va_end(words);
    return ferror(out) ? -1 : 0;
}

static int add_mode(FILE *out, unsigned mode) {
    char text[16];
    snprintf(text, sizeof text, "%04o", mode);
    return add(out, "--perms", text, NULL);
}

static int add_descriptor(FILE *out, const char *option, int descriptor, const char *target) {
    char number[16];
    if (descriptor < 0) return -1;
    snprintf(number, sizeof number, "%d", descriptor);
    return add(out, option, number, target, NULL);
}

static int add_file(FILE *out, unsigned mode, const char *target, const char *content, size_t size) {
    if (add_mode(out, mode) != 0) return -1;
    return add_descriptor(out, "--file", raise_descriptor(memory_of(content, size)), target);
}

static int add_folder(FILE *out, unsigned mode, const char *target) {
    char text[16];
    snprintf(text, sizeof text, "%04o", mode);
    // One that an earlier target needed exists, and keeps its mode without the second option.
    return add(out, "--perms", text, "--dir", target, "--chmod", text, target, NULL);
}

static int add_bind(FILE *out, const struct interlock_entry *entry) {
    int found = open_outside(entry->source);
    if (found < 0) return -1;
    struct stat status;
    if (fstat(found, &status) != 0) return close_with(found, -1);
    if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
        errno = EINVAL;  // a socket or a device would lead out
        return close_with(found, -1);
    }
    const char *option = entry->flags & INTERLOCK_MOUNT_WRITABLE ? "--bind-fd" : "--ro-bind-fd";
    return add_descriptor(out, option, raise_descriptor(found), entry->target);
}

static int add_tmpfs(FILE *out, const struct interlock_entry *entry) {
    char size[32];
    snprintf(size, sizeof size, "%llu", (unsigned long long)entry->bytes);
    if (add_mode(out, entry->mode) != 0) return -1;
    return add(out, "--size", size, "--tmpfs", entry->target, NULL);
}

static int add_entry(FILE *out, const struct interlock_entry *entry) {
    switch (entry->tag) {
        case INTERLOCK_SPEC_BIND: return add_bind(out, entry);
        case INTERLOCK_SPEC_TMPFS: return add_tmpfs(out, entry);
        case INTERLOCK_SPEC_SYMLINK: return add(out, "--symlink", entry->content, entry->target, NULL);
        case INTERLOCK_SPEC_FILE:
            return add_file(out, entry->mode, entry->target, entry->content, entry->content_size);
        case INTERLOCK_SPEC_FOLDER: return add_folder(out, entry->mode, entry->target);
        default: errno = EINVAL; return -1;
    }
}

static int add_secrets(FILE *out) {
    struct interlock_environment environment;
    if (read_environment(&environment) != 0) return -1;
    int result = environment.secret_count == 0 ? 0 : add_folder(out, 0500, "/run/secrets");
    for (size_t i = 0; result == 0 && i < environment.secret_count; i++) {
        char target[96];
        snprintf(target, sizeof target, "/run/secrets/%s", environment.secrets[i].name);
        result = add_file(out, 0400, target, environment.secrets[i].content, environment.secrets[i].size);
    }
    int error = errno;
    interlock_environment_free(&environment);
    errno = error;
    return result;
}

static int add_masks(FILE *out) {
    for (size_t i = 0; masked_files[i] != NULL; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%s", masked_files[i]);
        // A kernel built without it has none inside either.
        if (access(path, F_OK) == 0 && add(out, "--dev-bind", "/dev/null", path, NULL) != 0) return -1;
    }
    return 0;
}

static int add_all(FILE *out, const struct sandbox *sandbox) {
    const struct interlock_spec *spec = &sandbox->spec;
    add(out, "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup",
        "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", NULL);
    add(out, "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL", "--chdir", "/", NULL);
    add(out, "--proc", "/proc", "--dev", "/dev", NULL);
    if (add_masks(out) != 0) return -1;
    for (size_t i = 0; i < spec->entry_count; i++)
        if (add_entry(out, &spec->entries[i]) != 0) return -1;
    if (add_file(out, 0444, "/etc/interlock/sandbox", spec->run, strlen(spec->run)) != 0) return -1;
    int program = raise_descriptor(open("/proc/self/exe", O_PATH | O_CLOEXEC));
    if (add_descriptor(out, "--ro-bind-fd", program, INNER_PROGRAM) != 0) return -1;
    if (add_secrets(out) != 0) return -1;
    return add(out, "--remount-ro", "/dev", "--remount-ro", "/", NULL);
}

_Static_assert(INTERLOCK_INSIDE_ID == 1000, "the arguments --uid and --gid");

int make_arguments(const struct sandbox *sandbox) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return -1;
    int result = add_all(out, sandbox);
    int error = errno;
    if (fclose(out) != 0 && result == 0) return -1;
    errno = error;
    int memfd = result == 0 ? memory_of(text, size) : -1;
    error = errno;
    free(text);
    errno = error;
    return memfd;
}
