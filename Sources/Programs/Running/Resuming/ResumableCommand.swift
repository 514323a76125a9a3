import InterlockJSON
package import InterlockSandboxes

/// The command line of a headless Claude Code whose session can be resumed (docs/specs/coding-agents.md, section 8). The
/// options are those of 2.1.332 that mean the same when a session is resumed; every other one is refused by its name.
package struct ResumableCommand: Sendable, Hashable {
    private let program: String
    /// The options with their values, without the prompt: it is a part of the session, and would be another one.
    private let options: [String]
    private let prompt: [String]

    /// The number of words that follow an option.
    private enum Values { case none, one, many }

    private static let known: [ExactText: Values] = {
        let flags = [
            "-p", "--print", "--verbose", "--dangerously-skip-permissions",
            "--allow-dangerously-skip-permissions", "--disable-slash-commands",
            "--exclude-dynamic-system-prompt-sections", "--include-hook-events",
            "--include-partial-messages", "--forward-subagent-text", "--no-chrome",
            "--strict-mcp-config",
        ]
        let single = [
            "--agent", "--agents", "--append-system-prompt", "--effort", "--fallback-model",
            "--json-schema", "--max-budget-usd", "--max-turns", "--model", "--name", "-n",
            "--output-format", "--permission-mode", "--setting-sources", "--settings",
            "--system-prompt",
        ]
        let lists = [
            "--add-dir", "--allowedTools", "--allowed-tools", "--betas", "--disallowedTools",
            "--disallowed-tools", "--mcp-config", "--tools",
        ]
        var known: [ExactText: Values] = [:]
        for name in flags { known[ExactText(name)] = Values.none }
        for name in single { known[ExactText(name)] = .one }
        for name in lists { known[ExactText(name)] = .many }
        return known
    }()

    /// - Parameter command: the program and its words.
    /// - Throws: `resume` for a command that is not headless, or has an option that is not known here.
    package init(_ command: [String]) throws(RunRefusal) {
        program = command.first ?? ""
        var words = command.dropFirst()
        var (options, prompt): ([String], [String]) = ([], [])
        while let word = words.popFirst() {
            guard word.hasPrefix("-"), word.utf8.count > 1 else {
                prompt.append(word)
                continue
            }
            guard !sameBytes(word, "--") else {
                prompt += words
                break
            }
            let equals = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
            let name = equals.map { String(word[..<$0]) } ?? word
            guard let values = Self.known[ExactText(name)], equals == nil || values != .none else {
                throw Self.refusal("the option `\(name)`")
            }
            options.append(word)
            guard values != .none, equals == nil else { continue }
            guard let value = words.popFirst() else {
                throw Self.refusal("the option `\(name)` without a value")
            }
            options.append(value)
            while values == .many, let next = words.first, !next.hasPrefix("-") {
                options.append(next)
                words.removeFirst()
            }
        }
        guard options.contains(where: { sameBytes($0, "-p") || sameBytes($0, "--print") }) else {
            throw Self.refusal("a session without `-p`")
        }
        self.options = options
        self.prompt = prompt
    }

    /// The command that begins the session.
    package func beginning(_ session: HostSessionID) -> [String] {
        [program, "--session-id", session.text] + options + (prompt.isEmpty ? [] : ["--"] + prompt)
    }

    /// The command that resumes the session. It asks its hook about the deferred call first.
    package func resuming(_ session: HostSessionID) -> [String] {
        [program, "--resume", session.text] + options
    }

    private static func refusal(_ what: String) -> RunRefusal {
        RunRefusal(
            RunExit.usage, "resume", "--resume-deferred: \(what) cannot be resumed",
            help: "interlock run AGENT --resume-deferred -- claude -p PROMPT")
    }
}
