// The command line, validated as a whole before any step.
#define _GNU_SOURCE
#include "launch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: interlock-launch [--cover PATH]... [--bind-ro PATH]... [--lifeline FD] [--check] -- CMD ARGS";

static bool is_normal(const char *path) {
    size_t length = strlen(path);
    if (path[0] != '/' || length < 2 || length >= PATH_BYTES_MAX || path[length - 1] == '/') return false;
    for (const char *slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
        const char *component = slash + 1;
        size_t size = strcspn(component, "/");
        if (size == 0) return false;
        if (component[0] == '.' && (size == 1 || (size == 2 && component[1] == '.'))) return false;
    }
    return true;
}

static bool is_within(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static void add_place(struct options *options, enum place_kind kind, const char *path) {
    if (options->place_count == PLACES_MAX) fail(EXIT_SETUP, "too many paths", NULL, 0);
    if (!is_normal(path)) fail(EXIT_SETUP, "not an absolute path in normal form", path, 0);
    if (is_within(path, "/proc") || is_within(path, "/dev"))
        fail(EXIT_SETUP, "/proc and /dev are made anew and take no path", path, 0);
    for (size_t i = 0; i < options->place_count; i++)
        if (strcmp(options->places[i].path, path) == 0) fail(EXIT_SETUP, "path given twice", path, 0);
    options->places[options->place_count++] = (struct place){kind, path, -1, -1};
}

static int by_length(const void *a, const void *b) {
    size_t first = strlen(((const struct place *)a)->path), second = strlen(((const struct place *)b)->path);
    return (first > second) - (first < second);
}

static int parse_descriptor(const char *text) {
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 3 || value > INT_MAX) fail(EXIT_SETUP, "not a descriptor", text, 0);
    return (int)value;
}

void parse_options(struct options *options, int count, char **arguments) {
    options->lifeline = -1;
    int i = 1;
    for (; i < count && strcmp(arguments[i], "--") != 0; i++) {
        const char *name = arguments[i];
        if (strcmp(name, "--check") == 0) {
            options->check = true;
            continue;
        }
        const char *value = i + 1 < count ? arguments[++i] : NULL;
        if (value == NULL) fail(EXIT_SETUP, usage, NULL, 0);
        if (strcmp(name, "--cover") == 0) {
            add_place(options, PLACE_COVER, value);
        } else if (strcmp(name, "--bind-ro") == 0) {
            add_place(options, PLACE_READABLE, value);
        } else if (strcmp(name, "--lifeline") == 0) {
            options->lifeline = parse_descriptor(value);
        } else {
            fail(EXIT_SETUP, usage, NULL, 0);
        }
    }
    options->command = i < count ? &arguments[i + 1] : NULL;
    if (!options->check && (options->command == NULL || options->command[0] == NULL))
        fail(EXIT_SETUP, usage, NULL, 0);
    qsort(options->places, options->place_count, sizeof options->places[0], by_length);
}
