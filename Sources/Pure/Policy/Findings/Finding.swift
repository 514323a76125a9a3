package import InterlockJSON
package import InterlockModel

/// One statement about a policy: the location, the problem and the remedy.
package struct Finding: Sendable, Hashable {
    // A single reference, because a policy can have a hundred thousand findings, sorted and passed on.
    private let content: Content
    /// True if a waiver covers the finding now. Only warnings can be waived.
    package var waived = false

    package init(
        _ code: FindingCode, at place: PolicyLocation, path: String = "", subject: AgentName? = nil,
        _ message: String, help: String? = nil
    ) {
        content = Content(
            place: place, code: code, message: message.onOneLine, help: help?.onOneLine, path: path,
            subject: subject)
    }

    package var place: PolicyLocation { content.place }
    package var code: FindingCode { content.code }
    /// The message: lower case, one line, with the user's text in backticks.
    package var message: String { content.message }
    /// Advice, which is printed on a line of its own.
    package var help: String? { content.help }
    /// The path in the merged policy, for instance `agents.refunds.mcp_scopes.billing[1]`, with which a
    /// waiver's `at` is compared. Is empty if the text could not be read that far.
    package var path: String { content.path }
    /// The agent that a `hold` applies to.
    package var subject: AgentName? { content.subject }

    /// The advice for people who mend a policy: that of the finding, or else the remedy of its code, which a warning that a
    /// waiver covers does not need.
    package var remedy: String? { help ?? (waived ? nil : code.meaning.remedy) }

    /// `text` with the remedy on the `  help:` line.
    package var textWithRemedy: String {
        let line = "\(place) \(code.rawValue) \(message)"
        guard let remedy else { return line }
        return line + "\n  help: " + remedy
    }

    /// The object that `interlock policy check --json` prints, one per line.
    package var jsonWithRemedy: JSONValue {
        var object = json.object ?? [:]
        object["help"] = remedy.map { .string($0) } ?? .null
        return .object(object)
    }

    /// `FILE:LINE:COL CODE MESSAGE`, and the `  help:` line if there is advice. No line break at the end.
    package var text: String {
        let line = "\(place) \(code.rawValue) \(message)"
        guard let help else { return line }
        return line + "\n  help: " + help
    }

    /// The object that records have.
    package var json: JSONValue {
        [
            "file": .string(place.file), "line": .integer(Int64(place.line)),
            "col": .integer(Int64(place.column)), "code": .string(code.rawValue),
            "path": .string(path), "message": .string(message),
            "help": help.map { .string($0) } ?? .null, "waived": .bool(waived),
        ]
    }
}

/// The content of a finding, which is immutable.
private final class Content: Sendable, Hashable {
    let place: PolicyLocation
    let code: FindingCode
    let message: String
    let help: String?
    let path: String
    let subject: AgentName?

    init(
        place: PolicyLocation, code: FindingCode, message: String, help: String?, path: String,
        subject: AgentName?
    ) {
        self.place = place
        self.code = code
        self.message = message
        self.help = help
        self.path = path
        self.subject = subject
    }

    static func == (a: Content, b: Content) -> Bool {
        a === b
            || a.place == b.place && a.code == b.code && a.message == b.message
                && a.help == b.help && a.path == b.path && a.subject == b.subject
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(place)
        hasher.combine(code)
        hasher.combine(message)
        hasher.combine(path)
    }
}

extension String {
    /// The text with line ends and other control characters escaped, because quoted text may contain any.
    fileprivate var onOneLine: String {
        // Every character that is escaped begins with one of these bytes.
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == 0xc2 || $0 == 0xe2 }) else {
            return self
        }
        var line = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x0a: line += "\\n"
            case 0x0d: line += "\\r"
            case 0x09: line += "\\t"
            case ..<0x20, 0x7f...0x9f, 0x2028...0x2029:
                line += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
