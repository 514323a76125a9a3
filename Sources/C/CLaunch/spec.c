// The specification: one table of tags, and a reader for each payload.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "combinations.h"
#include "records.h"
#include "targets.h"

enum { FLAG_TAGS = 64 };  // above every tag

struct reading {
    struct interlock_spec *spec;
    struct arena arena;
    size_t mounts, overlays;
};

static bool is_run_id(const char *text) {
    size_t length = strlen(text);
    return length >= 1 && length <= 64 && strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-") == length;
}

static struct interlock_entry *add_entry(struct reading *reading, enum interlock_spec_tag tag) {
    struct interlock_entry *entry = &reading->spec->entries[reading->spec->entry_count++];
    *entry = (struct interlock_entry){.tag = tag, .parent = -1};
    return entry;
}

static void read_rlimit(struct cursor *in, struct interlock_spec *spec) {
    uint64_t kind = read_integer(in, 1), value = read_integer(in, 8);
    require(in, kind >= INTERLOCK_RLIMIT_PROCESSES && kind <= INTERLOCK_RLIMIT_CPU && !spec->has_rlimit[kind]);
    // The number that the kernel takes for no limit.
    require(in, value != UINT64_MAX);
    if (in->bad) return;
    spec->has_rlimit[kind] = 1;
    spec->rlimits[kind] = value;
}

static void read_port(struct cursor *in, struct interlock_spec *spec) {
    uint64_t port = read_integer(in, 2);
    require(in, port != 0 && spec->port_count < INTERLOCK_SPEC_PORTS_MAX);
    if (!in->bad) spec->ports[spec->port_count++] = (uint16_t)port;
}

static void read_bind(struct cursor *in, struct reading *reading) {
    struct interlock_entry *entry = add_entry(reading, INTERLOCK_SPEC_BIND);
    entry->flags = (unsigned)read_integer(in, 1);
    require(in, entry->flags <= (INTERLOCK_MOUNT_WRITABLE | INTERLOCK_MOUNT_NOEXEC | INTERLOCK_MOUNT_OWNED));
    entry->source = read_path(in, &reading->arena, false);
    entry->target = read_path(in, &reading->arena, false);
    reading->mounts++;
}

// Whether the next field is an empty str.
static bool is_empty_next(const struct cursor *in) { return in->left >= 2 && in->next[0] == 0 && in->next[1] == 0; }

static void read_overlay(struct cursor *in, struct reading *reading) {
    struct interlock_entry *entry = add_entry(reading, INTERLOCK_SPEC_OVERLAY);
    entry->flags = (unsigned)read_integer(in, 1);
    require(in, entry->flags <= INTERLOCK_MOUNT_WRITABLE);
    entry->source = read_path(in, &reading->arena, false);
    if (entry->flags == INTERLOCK_MOUNT_WRITABLE || !is_empty_next(in))
        entry->layer = read_path(in, &reading->arena, false);
    else
        read_integer(in, 2);
    entry->target = read_path(in, &reading->arena, false);
    reading->mounts++;
    reading->overlays++;
}

static void read_tmpfs(struct cursor *in, struct reading *reading) {
    struct interlock_entry *entry = add_entry(reading, INTERLOCK_SPEC_TMPFS);
    entry->mode = (unsigned)read_integer(in, 4);
    entry->bytes = read_integer(in, 8);
    entry->inodes = (unsigned)read_integer(in, 4);
    entry->flags = (unsigned)read_integer(in, 1);
    require(in, entry->mode <= 01777 && entry->bytes >= 4096 && entry->inodes >= 16);
    // A size that the kernel's parser of mount options does not wrap.
    require(in, entry->bytes <= (uint64_t)1 << 50);
    require(in, entry->flags == 0 || entry->flags == INTERLOCK_MOUNT_NOEXEC);
    entry->flags |= INTERLOCK_MOUNT_WRITABLE;
    entry->target = read_path(in, &reading->arena, true);
    reading->mounts++;
}

static void read_symlink(struct cursor *in, struct reading *reading) {
    struct interlock_entry *entry = add_entry(reading, INTERLOCK_SPEC_SYMLINK);
    entry->content = read_str(in, &reading->arena);
    entry->content_size = strlen(entry->content);
    require(in, entry->content_size >= 1 && entry->content_size <= INTERLOCK_SPEC_PATH_BYTES_MAX);
    entry->target = read_path(in, &reading->arena, false);
}

static void read_file(struct cursor *in, struct reading *reading) {
    struct interlock_entry *entry = add_entry(reading, INTERLOCK_SPEC_FILE);
    entry->mode = (unsigned)read_integer(in, 4);
    require(in, entry->mode <= 0777);
    entry->target = read_path(in, &reading->arena, false);
    entry->content = read_bytes(in, &reading->arena, &entry->content_size);
}

static void read_folder(struct cursor *in, struct reading *reading) {
    struct interlock_entry *entry = add_entry(reading, INTERLOCK_SPEC_FOLDER);
    entry->mode = (unsigned)read_integer(in, 4);
    require(in, entry->mode <= 01777);
    entry->target = read_path(in, &reading->arena, true);
}

static void read_directory(struct cursor *in, struct reading *reading) {
    bool is_root = in->left == 1 && in->next[0] == '/';
    reading->spec->directory = is_root ? read_text(in, &reading->arena) : read_path(in, &reading->arena, true);
}

static void read_argument(struct cursor *in, struct reading *reading) {
    struct interlock_spec *spec = reading->spec;
    const char *text = read_text(in, &reading->arena);
    require(in, spec->argument_count > 0 || text[0] != '\0');
    spec->arguments[spec->argument_count++] = text;
}

static uint8_t read_choice(struct cursor *in, unsigned last) {
    uint64_t value = read_integer(in, 1);
    require(in, value <= last);
    return (uint8_t)value;
}

static uint64_t read_milliseconds(struct cursor *in, size_t bytes, uint64_t most) {
    uint64_t value = read_integer(in, bytes);
    require(in, value >= 1 && value <= most);
    return value;
}

static void read_payload(uint16_t tag, struct cursor *in, struct reading *reading) {
    struct interlock_spec *spec = reading->spec;
    switch (tag) {
        case INTERLOCK_SPEC_VERSION: require(in, read_integer(in, 4) == INTERLOCK_SPEC_FORM); break;
        case INTERLOCK_SPEC_ISOLATION: spec->isolation = read_choice(in, INTERLOCK_ISOLATION_NONE); break;
        case INTERLOCK_SPEC_BACKEND: spec->backend = read_choice(in, INTERLOCK_BACKEND_BWRAP); break;
        case INTERLOCK_SPEC_NETWORK: spec->network = read_choice(in, INTERLOCK_NETWORK_HOST); break;
        case INTERLOCK_SPEC_RUN:
            spec->run = read_text(in, &reading->arena);
            require(in, is_run_id(spec->run));
            break;
        case INTERLOCK_SPEC_ALLOW_MISSING:
            spec->allow_missing = (uint32_t)read_integer(in, 4);
            require(in, spec->allow_missing <= INTERLOCK_LAYER_LANDLOCK);
            break;
        case INTERLOCK_SPEC_CGROUP: spec->cgroup = 1; break;
        case INTERLOCK_SPEC_NOBODY: spec->nobody = 1; break;
        case INTERLOCK_SPEC_PORT: read_port(in, spec); break;
        case INTERLOCK_SPEC_WALL: spec->wall = read_milliseconds(in, 8, (uint64_t)1 << 40); break;
        case INTERLOCK_SPEC_SETUP: spec->setup = (uint32_t)read_milliseconds(in, 4, 5000); break;
        case INTERLOCK_SPEC_RLIMIT: read_rlimit(in, spec); break;
        case INTERLOCK_SPEC_BIND: read_bind(in, reading); break;
        case INTERLOCK_SPEC_OVERLAY: read_overlay(in, reading); break;
        case INTERLOCK_SPEC_TMPFS: read_tmpfs(in, reading); break;
        case INTERLOCK_SPEC_SYMLINK: read_symlink(in, reading); break;
        case INTERLOCK_SPEC_FILE: read_file(in, reading); break;
        case INTERLOCK_SPEC_FOLDER: read_folder(in, reading); break;
        case INTERLOCK_SPEC_DIRECTORY: read_directory(in, reading); break;
        case INTERLOCK_SPEC_ARGUMENT: read_argument(in, reading); break;
        case INTERLOCK_SPEC_TERMINAL: spec->terminal = 1; break;
        case INTERLOCK_SPEC_PROGRAM: spec->program = 1; break;
        case INTERLOCK_SPEC_END: break;
        default: in->bad = true;
    }
    require(in, in->left == 0);
}

static const uint16_t many[] = {
    INTERLOCK_SPEC_RLIMIT,  INTERLOCK_SPEC_BIND, INTERLOCK_SPEC_OVERLAY, INTERLOCK_SPEC_TMPFS,
    INTERLOCK_SPEC_SYMLINK, INTERLOCK_SPEC_FILE, INTERLOCK_SPEC_FOLDER,  INTERLOCK_SPEC_ARGUMENT,
    INTERLOCK_SPEC_PORT,
};

static const uint16_t required[] = {
    INTERLOCK_SPEC_VERSION, INTERLOCK_SPEC_END, INTERLOCK_SPEC_ISOLATION, INTERLOCK_SPEC_BACKEND,
    INTERLOCK_SPEC_NETWORK, INTERLOCK_SPEC_RUN, INTERLOCK_SPEC_DIRECTORY, INTERLOCK_SPEC_ARGUMENT,
};

static bool is_many(uint16_t tag) {
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        if (many[i] == tag) return true;
    return false;
}

static bool read_all(const uint8_t *bytes, size_t count, struct reading *reading) {
    struct cursor in = {bytes, count, false};
    struct record record;
    bool seen[FLAG_TAGS] = {false};
    for (size_t records = 0; read_record(&in, &record); records++) {
        uint16_t tag = record.tag;
        if (records == INTERLOCK_SPEC_RECORDS_MAX || tag >= FLAG_TAGS || seen[INTERLOCK_SPEC_END]) return false;
        if ((records == 0) != (tag == INTERLOCK_SPEC_VERSION) || (seen[tag] && !is_many(tag))) return false;
        seen[tag] = true;
        read_payload(tag, &record.payload, reading);
        if (record.payload.bad) return false;
        if (reading->mounts > INTERLOCK_SPEC_MOUNTS_MAX || reading->overlays > INTERLOCK_SPEC_OVERLAYS_MAX)
            return false;
    }
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (!seen[required[i]]) return false;
    return !in.bad;
}

int interlock_spec_read(const uint8_t *bytes, size_t count, struct interlock_spec *spec) {
    memset(spec, 0, sizeof *spec);
    if (count > INTERLOCK_SPEC_BYTES_MAX) return EBADMSG;
    size_t entries = INTERLOCK_SPEC_RECORDS_MAX * sizeof *spec->entries;
    size_t arguments = (INTERLOCK_SPEC_RECORDS_MAX + 1) * sizeof *spec->arguments;
    size_t strings = count + 3 * INTERLOCK_SPEC_RECORDS_MAX;
    spec->memory = calloc(1, entries + arguments + strings);
    if (spec->memory == NULL) return ENOMEM;
    spec->entries = spec->memory;
    spec->arguments = (const char **)((char *)spec->memory + entries);
    spec->setup = 5000;
    struct reading reading = {.spec = spec, .arena = {(char *)spec->memory + entries + arguments, strings}};
    if (read_all(bytes, count, &reading) && find_parents(spec->entries, spec->entry_count) && is_combination(spec))
        return 0;
    interlock_spec_free(spec);
    return EBADMSG;
}

int interlock_spec_check(const uint8_t *bytes, size_t count) {
    struct interlock_spec spec;
    int error = interlock_spec_read(bytes, count, &spec);
    if (error == 0) interlock_spec_free(&spec);
    return error;
}

void interlock_spec_free(struct interlock_spec *spec) {
    free(spec->memory);
    memset(spec, 0, sizeof *spec);
}
