import InterlockModel

/// The answer of the adapter to the host: the exit code, one complete buffer for standard output, and one line for
/// standard error.
///
/// INVARIANT: no verdict but allow ends with exit 0 without an output that binds the host, and no exit 2 is without a
/// line. Kept by `HookVerdictTests`, `HookGoldenTests`, `Fuzz/Hooks`.
package struct HookAnswer: Sendable, Hashable {
    package let exit: HookExit
    /// The whole of standard output, written at once; may be empty.
    package let output: [UInt8]
    /// The line on standard error without its line end; is empty exactly if `exit` is `allow`.
    package let line: String

    private init(exit: HookExit, output: [UInt8], line: String) {
        self.exit = exit
        self.output = output
        self.line = line
    }

    /// Exit 0. The host acts by `output` alone.
    package static func allow(_ output: [UInt8] = []) -> HookAnswer {
        HookAnswer(exit: .allow, output: output, line: "")
    }

    /// Exit 2 with a line, which is never empty: Codex and Gemini CLI ignore an exit 2 without one.
    package static func deny(_ line: HookLine, output: [UInt8] = []) -> HookAnswer {
        HookAnswer(exit: .deny, output: output, line: line.text)
    }
}

/// The only ways in which the adapter ends. Hosts take every other exit code for an error of the hook, and run the
/// tool.
package enum HookExit: Int32, Sendable {
    case allow = 0
    case deny = 2
}

/// The line that explains a refusal on standard error, or a question of the host: never empty, without control characters, and at most
/// `HookLimits.line` bytes.
package struct HookLine: Sendable, Hashable {
    package let text: String

    /// - Parameters:
    ///   - reason: the stable code.
    ///   - text: the sentence; characters that a terminal would interpret are replaced, and a long text is cut.
    package init(reason: String, text: String, approval: String? = nil, record: String? = nil) {
        self.init("denied", reason: reason, text: text, approval: approval, record: record)
    }

    private init(
        _ word: String, reason: String, text: String, approval: String?, record: String?
    ) {
        var line = "interlock: \(word) (\(Self.plain(reason, 64)))"
        if !text.isEmpty { line += " " + Self.plain(text, 600) }
        if let approval { line += " [approval \(Self.plain(approval, 128))]" }
        if let record { line += " [rec \(Self.plain(record, 128))]" }
        self.text = line
    }

    package init(_ verdict: HookVerdict) {
        self.init("denied", verdict)
    }

    /// The text that the host shows with its question.
    static func question(_ verdict: HookVerdict) -> HookLine { HookLine("asks", verdict) }

    private init(_ word: String, _ verdict: HookVerdict) {
        self.init(
            word, reason: verdict.reason, text: verdict.text, approval: verdict.approval,
            record: verdict.record)
    }

    package init(_ error: HookInputError) {
        self.init(reason: HookInputError.code, text: error.description)
    }

    /// Replaces control and format characters and line separators by `?`, and cuts at `bytes`.
    static func plain(_ text: String, _ bytes: Int) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let length = UTF8.width(scalar)
            guard count + length <= bytes else {
                result += "…"
                break
            }
            count += length
            result.unicodeScalars.append(scalar.properties.generalCategory.isVisible ? scalar : "?")
        }
        return result
    }
}
