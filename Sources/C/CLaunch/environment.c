// The environment of the command and its secrets as files. Their values are in no other place of the launcher.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "CLaunch.h"
#include "records.h"

struct reading {
    struct interlock_environment *environment;
    struct arena arena;
};

static void read_variable(struct cursor *in, struct reading *reading) {
    const char *text = read_text(in, &reading->arena);
    const char *equals = strchr(text, '=');
    require(in, equals != NULL && equals != text);
    reading->environment->variables[reading->environment->variable_count++] = text;
}

static bool is_secret_name(const char *text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t length = strlen(text);
    return length >= 1 && length <= 64 && text[0] != '.' && strspn(text, letters) == length;
}

static void read_secret(struct cursor *in, struct reading *reading) {
    struct interlock_secret *secret = &reading->environment->secrets[reading->environment->secret_count++];
    secret->name = read_str(in, &reading->arena);
    require(in, is_secret_name(secret->name));
    secret->content = read_bytes(in, &reading->arena, &secret->size);
}

static bool read_all(const uint8_t *bytes, size_t count, struct reading *reading) {
    struct cursor in = {bytes, count, false};
    struct record record;
    bool has_ended = false;
    for (size_t records = 0; read_record(&in, &record); records++) {
        struct cursor *payload = &record.payload;
        if (records == INTERLOCK_SPEC_RECORDS_MAX || has_ended) return false;
        if ((records == 0) != (record.tag == INTERLOCK_SPEC_VERSION)) return false;
        switch (record.tag) {
            case INTERLOCK_SPEC_VERSION: require(payload, read_integer(payload, 4) == INTERLOCK_SPEC_FORM); break;
            case INTERLOCK_SPEC_VARIABLE: read_variable(payload, reading); break;
            case INTERLOCK_SPEC_SECRET: read_secret(payload, reading); break;
            case INTERLOCK_SPEC_END: has_ended = true; break;
            default: return false;
        }
        if (payload->bad || payload->left != 0) return false;
    }
    return has_ended && !in.bad;
}

static int by_name(const void *a, const void *b) {
    const char *first = *(const char *const *)a, *second = *(const char *const *)b;
    while (*first == *second && *first != '=') first++, second++;
    int one = *first == '=' ? 0 : (unsigned char)*first, other = *second == '=' ? 0 : (unsigned char)*second;
    return (one > other) - (one < other);
}

static int by_secret_name(const void *a, const void *b) {
    return strcmp(((const struct interlock_secret *)a)->name, ((const struct interlock_secret *)b)->name);
}

// Sorts both lists; returns whether no name occurs twice.
static bool are_unique(struct interlock_environment *environment) {
    const char **variables = environment->variables;
    struct interlock_secret *secrets = environment->secrets;
    if (environment->variable_count > 0)
        qsort(variables, environment->variable_count, sizeof variables[0], by_name);
    if (environment->secret_count > 0)
        qsort(secrets, environment->secret_count, sizeof secrets[0], by_secret_name);
    for (size_t i = 1; i < environment->variable_count; i++)
        if (by_name(&variables[i - 1], &variables[i]) == 0) return false;
    for (size_t i = 1; i < environment->secret_count; i++)
        if (by_secret_name(&secrets[i - 1], &secrets[i]) == 0) return false;
    return true;
}

int interlock_environment_read(const uint8_t *bytes, size_t count, struct interlock_environment *environment) {
    memset(environment, 0, sizeof *environment);
    if (count > INTERLOCK_SPEC_BYTES_MAX) return EBADMSG;
    size_t secrets = INTERLOCK_SPEC_RECORDS_MAX * sizeof *environment->secrets;
    size_t variables = (INTERLOCK_SPEC_RECORDS_MAX + 1) * sizeof *environment->variables;
    size_t strings = count + 2 * INTERLOCK_SPEC_RECORDS_MAX;
    environment->memory = calloc(1, secrets + variables + strings);
    if (environment->memory == NULL) return ENOMEM;
    environment->secrets = environment->memory;
    environment->variables = (const char **)((char *)environment->memory + secrets);
    environment->strings = (char *)environment->memory + secrets + variables;
    environment->strings_size = strings;
    struct reading reading = {environment, {environment->strings, strings}};
    if (read_all(bytes, count, &reading) && are_unique(environment)) return 0;
    interlock_environment_free(environment);
    return EBADMSG;
}

int interlock_environment_check(const uint8_t *bytes, size_t count) {
    struct interlock_environment environment;
    int error = interlock_environment_read(bytes, count, &environment);
    if (error == 0) interlock_environment_free(&environment);
    return error;
}

void interlock_environment_free(struct interlock_environment *environment) {
    if (environment->strings != NULL) explicit_bzero(environment->strings, environment->strings_size);
    free(environment->memory);
    memset(environment, 0, sizeof *environment);
}
