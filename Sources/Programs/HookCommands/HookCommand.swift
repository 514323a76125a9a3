import Glibc
package import InterlockCommandLine

extension Command {
    package static let hook = Command(
        "hook HOST", "answer one hook event of a coding agent",
        example: "interlock hook claude-code",
        options: [
            Option("--event EVENT", "the event, for hosts whose input does not name it (Copilot)")
        ],
        exits: [.second],
        notes: """
            HOST is claude-code, codex, gemini-cli, cursor or copilot. The event is read from standard input. \
            Hosts start `interlock-hook` itself, which takes the same arguments and starts within milliseconds; \
            this command replaces itself by it. Exit 0 lets the host continue, 2 refuses with one line on standard \
            error.
            """
    ) { invocation in
        var words = [HookAdapter.path] + invocation.positional
        if let event = invocation["event"] { words += ["--event", event] }
        throw HookAdapter.replaceProcess(words)
    }
}

/// The program `interlock-hook`, in the folder of this one.
enum HookAdapter {
    static let path: String = {
        let own = File.realPath("/proc/self/exe") ?? "/interlock"
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
            + "/interlock-hook"
    }()

    /// Replaces this process by the adapter; returns only if it cannot be run. A host takes any exit code but 2 for an
    /// error of the hook, and runs the tool.
    static func replaceProcess(_ words: [String]) -> Failure {
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        _ = unsafe execv(path, &pointers)
        return Failure(.second, "denied (hook-failed) cannot run `\(path)`")
    }
}
