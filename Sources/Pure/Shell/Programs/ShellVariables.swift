/// The variables that a command may set without becoming arbitrary.
enum ShellVariables {
    /// Names that no shell or program obeys, for loops and plain assignments.
    private static let plain: Set<String> = [
        "base", "count", "dir", "ext", "file", "files", "item", "items", "line", "lines", "name",
        "names", "out", "result", "word", "words",
    ]

    /// Variables whose effect is the form of output, or that of tests.
    private static let harmless: Set<String> = [
        "CARGO_TERM_COLOR", "CI", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "DEBUG", "FORCE_COLOR",
        "GIT_OPTIONAL_LOCKS", "GIT_TERMINAL_PROMPT", "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE",
        "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC", "LC_TIME", "LINES", "NODE_ENV", "NO_COLOR",
        "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONUNBUFFERED", "RUST_BACKTRACE",
        "RUST_LOG", "SWIFT_DETERMINISTIC_HASHING", "TERM", "TZ",
    ]

    /// Returns true for a single lower-case letter too.
    static func isPlain(_ name: String) -> Bool {
        let isLetter = name.utf8.count == 1 && name.utf8.allSatisfy { (0x61...0x7a).contains($0) }
        return isLetter || plain.contains(name)
    }

    static func isHarmless(_ name: String) -> Bool { isPlain(name) || harmless.contains(name) }
}
