// Files, links and directories that the sandbox alone has. They lie in the tmpfs of the root or in one of the
// specification, which the reader checked.
#define _GNU_SOURCE
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Returns a descriptor of the new file, or -1.
static int write_new(int folder, const char *name, unsigned mode, const char *content, size_t size) {
    int file = openat(folder, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return -1;
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, content + done, size - done);
        if (count < 0) return close_with(file, -1);
        done += (size_t)count;
    }
    return fchmod(file, mode) == 0 ? file : close_with(file, -1);
}

static int write_file(int folder, const char *name, unsigned mode, const char *content, size_t size) {
    int file = write_new(folder, name, mode, content, size);
    return file < 0 ? -1 : close(file);
}

int make_file(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox;
    const char *name;
    int folder = open_parent(entry->target, true, &name);
    if (folder < 0) return -1;
    return close_with(folder, write_file(folder, name, entry->mode, entry->content, entry->content_size));
}

int make_symlink(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox;
    const char *name;
    int folder = open_parent(entry->target, true, &name);
    if (folder < 0) return -1;
    return close_with(folder, symlinkat(entry->content, folder, name));
}

static int make_directory(const char *path, unsigned mode) {
    const char *name;
    int folder = open_parent(path, true, &name);
    if (folder < 0) return -1;
    int result = mkdirat(folder, name, 0700);
    // One that an earlier target needed.
    if (result != 0 && errno == EEXIST) result = 0;
    if (result == 0) result = fchmodat(folder, name, mode, 0);
    return close_with(folder, result);
}

int make_folder(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)sandbox;
    return make_directory(entry->target, entry->mode);
}

// Its presence tells a launcher that it runs inside already.
int make_run_file(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)entry;
    const char *name;
    int folder = open_parent("/etc/interlock/sandbox", true, &name);
    if (folder < 0) return -1;
    return close_with(folder, write_file(folder, name, 0444, sandbox->spec.run, strlen(sandbox->spec.run)));
}

int make_secrets(struct sandbox *sandbox, const struct interlock_entry *entry) {
    (void)entry;
    struct interlock_environment environment;
    if (read_environment(&environment) != 0) return -1;
    int result = environment.secret_count == 0 ? 0 : make_directory("/run/secrets", 0500);
    int folder = result == 0 && environment.secret_count > 0 ? open_inside("/run/secrets") : -1;
    if (environment.secret_count > 0 && folder < 0) result = -1;
    if (folder >= 0 && sandbox->spec.nobody) result = fchownat(folder, "", SANDBOX_ID, SANDBOX_ID, AT_EMPTY_PATH);
    for (size_t i = 0; result == 0 && i < environment.secret_count; i++) {
        const struct interlock_secret *secret = &environment.secrets[i];
        int file = write_new(folder, secret->name, 0400, secret->content, secret->size);
        result = file < 0 ? -1 : close_with(file, give_to_command(sandbox, file));
    }
    int error = errno;
    interlock_environment_free(&environment);
    errno = error;
    return close_with(folder, result);
}
