#include "CRE2.h"

#include <new>
#include <re2/re2.h>

struct interlock_re2 {
    re2::RE2 re;

    interlock_re2(re2::StringPiece text, const re2::RE2::Options &options) : re(text, options) {}
};

interlock_re2 *interlock_re2_compile(const char *text, size_t bytes, size_t memory_bytes) noexcept {
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingUTF8);
    options.set_log_errors(false);
    options.set_max_mem(static_cast<int64_t>(memory_bytes));
    options.set_never_capture(true);
    return new (std::nothrow) interlock_re2(re2::StringPiece(text, bytes), options);
}

const char *interlock_re2_error(const interlock_re2 *pattern) noexcept {
    return pattern->re.ok() ? nullptr : pattern->re.error().c_str();
}

bool interlock_re2_match(const interlock_re2 *pattern, const char *text, size_t bytes) noexcept {
    return pattern->re.Match(re2::StringPiece(text, bytes), 0, bytes, re2::RE2::UNANCHORED, nullptr,
                             0);
}

size_t interlock_re2_program_size(const interlock_re2 *pattern) noexcept {
    const int size = pattern->re.ProgramSize();
    return size < 0 ? 0 : static_cast<size_t>(size);
}

void interlock_re2_free(interlock_re2 *pattern) noexcept { delete pattern; }
