/// The settings with which every Git that reads a repository of others is started, in a sandbox or not: no program that the
/// repository names is started, no configuration of the system or the user is read, and nothing is fetched.
package enum SafeGit {
    package static let options = [
        "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    ]
    package static let variables: [(name: String, value: String)] = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_NO_LAZY_FETCH", "1"),
    ]
}
