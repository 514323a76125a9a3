import InterlockJSON
import InterlockModel
import InterlockPorts

/// A title or a description in an entry: its texts alone can be replaced.
struct EntryText: Sendable, Hashable {
    /// The index of a prompt's argument; nil for the entry itself.
    let argument: Int?
    let member: String

    /// The findings in one text, each with its bytes.
    struct Removals: Sendable {
        let text: EntryText
        let values: [ResultFinding]
    }

    private static let members = ["title", "description"]

    /// Returns nil if a value is elsewhere.
    static func findings(
        _ findings: [ResultFinding], in entry: JSONObject
    ) -> [Removals]? {
        var texts: [EntryText] = []
        var values: [EntryText: [ResultFinding]] = [:]
        for finding in findings {
            guard case .part(let index, let bytes) = finding.extent,
                let pointer = JSONValue.object(entry).pointer(toText: index, hiding: []),
                let text = EntryText(pointer)
            else { return nil }
            if values[text] == nil { texts.append(text) }
            values[text, default: []].append(
                ResultFinding(
                    rule: finding.rule, secretClass: finding.secretClass,
                    extent: .part(text: 0, bytes: bytes)))
        }
        return texts.map { Removals(text: $0, values: values[$0] ?? []) }
    }

    /// - Parameter pointer: `/description`, or `/arguments/0/title`.
    private init?(_ pointer: String) {
        let tokens = pointer.split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard let member = tokens.last, Self.members.contains(member) else { return nil }
        self.member = member
        switch tokens.count {
        case 2: argument = nil
        case 4:
            guard tokens[1] == "arguments", let index = Int(tokens[2]) else { return nil }
            argument = index
        default: return nil
        }
    }
}

extension JSONObject {
    /// Returns the entry without these values. A text in which they cannot be replaced is left out.
    func replacing(
        _ findings: [EntryText.Removals], _ redaction: AnswerRedaction
    ) -> JSONObject {
        var entry = self
        for found in findings {
            let member = found.text.member
            guard let argument = found.text.argument else {
                entry[member] = entry[member]?.replacing(found.values, redaction)
                continue
            }
            guard var arguments = entry["arguments"]?.array, argument < arguments.count,
                var object = arguments[argument].object
            else { continue }
            object[member] = object[member]?.replacing(found.values, redaction)
            arguments[argument] = .object(object)
            entry["arguments"] = .array(arguments)
        }
        return entry
    }
}

extension JSONValue {
    fileprivate func replacing(
        _ findings: [ResultFinding], _ redaction: AnswerRedaction
    ) -> JSONValue? {
        redaction.redacted(self, ResultTexts(self), findings)
    }
}
