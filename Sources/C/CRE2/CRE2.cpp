#include "CRE2.h"

#include <new>
#include <re2/re2.h>

struct interlock_re2 {
    re2::RE2 re;

    interlock_re2(re2::StringPiece text, const re2::RE2::Options &options) : re(text, options) {}
};

static re2::RE2::Options options(re2::RE2::Options::Encoding encoding, size_t memory_bytes) {
    re2::RE2::Options options;
    options.set_encoding(encoding);
    options.set_log_errors(false);
    options.set_max_mem(static_cast<int64_t>(memory_bytes));
    options.set_never_capture(true);
    return options;
}

interlock_re2 *interlock_re2_compile(const char *text, size_t bytes, size_t memory_bytes) noexcept {
    return new (std::nothrow) interlock_re2(
        re2::StringPiece(text, bytes), options(re2::RE2::Options::EncodingUTF8, memory_bytes));
}

interlock_re2 *interlock_re2_compile_bytes(const char *text, size_t bytes, size_t memory_bytes) noexcept {
    re2::RE2::Options chosen = options(re2::RE2::Options::EncodingLatin1, memory_bytes);
    chosen.set_longest_match(true);
    return new (std::nothrow) interlock_re2(re2::StringPiece(text, bytes), chosen);
}

const char *interlock_re2_error(const interlock_re2 *pattern) noexcept {
    return pattern->re.ok() ? nullptr : pattern->re.error().c_str();
}

bool interlock_re2_match(const interlock_re2 *pattern, const char *text, size_t bytes) noexcept {
    return pattern->re.Match(re2::StringPiece(text, bytes), 0, bytes, re2::RE2::UNANCHORED, nullptr,
                             0);
}

bool interlock_re2_find(const interlock_re2 *pattern, const char *text, size_t bytes, size_t from, size_t *start,
                        size_t *length) noexcept {
    re2::StringPiece match;
    if (!pattern->re.Match(re2::StringPiece(text, bytes), from, bytes, re2::RE2::UNANCHORED, &match, 1)) return false;
    *start = static_cast<size_t>(match.data() - text);
    *length = match.size();
    return true;
}

size_t interlock_re2_program_size(const interlock_re2 *pattern) noexcept {
    const int size = pattern->re.ProgramSize();
    return size < 0 ? 0 : static_cast<size_t>(size);
}

void interlock_re2_free(interlock_re2 *pattern) noexcept { delete pattern; }
