package import InterlockJSON
package import InterlockModel

/// One thing to say about a policy: where, what, and how to mend it.
package struct Finding: Sendable, Hashable {
    package let place: SourcePlace
    package let code: FindingCode
    /// Lower case, one line, the user's text in backticks.
    package let message: String
    /// Advice, printed on a line of its own.
    package let help: String?
    /// The place in the merged policy, for instance `agents.refunds.mcp_scopes.billing[1]`; what a
    /// waiver's `at` is compared with. Empty where the text could not be read that far.
    package let path: String
    /// The agent that a `hold` applies to.
    package let subject: AgentName?
    /// Whether a waiver covers it now; only warnings can be waived.
    package var waived = false

    package init(
        _ code: FindingCode, at place: SourcePlace, path: String = "", subject: AgentName? = nil,
        _ message: String, help: String? = nil
    ) {
        self.place = place
        self.code = code
        self.message = message
        self.help = help
        self.path = path
        self.subject = subject
    }

    /// `FILE:LINE:COL CODE MESSAGE`, and the `  help:` line when there is one. No line break at the end.
    package var text: String {
        let line = "\(place) \(code.rawValue) \(message)"
        guard let help else { return line }
        return line + "\n  help: " + help
    }

    /// The object that `interlock policy check --json` prints, one per line.
    package var json: JSONValue {
        [
            "file": .string(place.file), "line": .integer(Int64(place.line)),
            "col": .integer(Int64(place.column)), "code": .string(code.rawValue),
            "path": .string(path), "message": .string(message),
            "help": help.map { .string($0) } ?? .null, "waived": .bool(waived),
        ]
    }
}
