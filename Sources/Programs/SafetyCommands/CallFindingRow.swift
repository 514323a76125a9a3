import InterlockJSON
import InterlockSafety
import InterlockWorkspace

/// A finding in a file that is searched as a call is, in words: by class, rule and place, never by value.
struct CallFindingRow {
    /// The way of the texts through the gateway.
    enum Direction: String {
        case arguments
        case results

        /// The consequence of a finding for a call (docs/specs/output-safety.md, section 4).
        func consequence(of strength: FindingStrength) -> String {
            switch (strength, self) {
            case (.mark, _): "mark"
            case (.block, .arguments): "deny"
            case (.block, .results): "replace"
            }
        }
    }

    let path: String
    /// The JSON Pointer of the value, or of the first of several values; nil if the file is no JSON.
    let pointer: String?
    /// The JSON Pointer of the last of several values; nil for one.
    let lastPointer: String?
    let line: Int
    let rule: String
    let secretClass: String
    let consequence: String

    static func rows(
        of findings: SecretFindings, in texts: CallTexts, path: String, _ direction: Direction
    ) -> [CallFindingRow] {
        let sorted = findings.sorted
        let hidden = texts.hiddenNames(by: sorted)
        return sorted.map { finding in
            let places = texts.pointers(to: finding, hiding: hidden)
            let first = places.map { EscapedBytes.text(Array($0.first.utf8)) }
            let last = places.map { EscapedBytes.text(Array($0.last.utf8)) }
            return CallFindingRow(
                path: path, pointer: first, lastPointer: last == first ? nil : last,
                line: finding.line, rule: finding.rule.description,
                secretClass: finding.secretClass.rawValue,
                consequence: direction.consequence(of: finding.strength))
        }
    }

    /// The line for people.
    var sentence: String {
        var place = pointer.map(Self.words) ?? String(line)
        if let lastPointer { place += " to " + Self.words(lastPointer) }
        return "\(path):\(place): \(rule) (\(secretClass), \(consequence))"
    }

    /// The pointer of the whole document is empty.
    private static func words(_ pointer: String) -> String {
        pointer.isEmpty ? "the document" : pointer
    }

    var json: JSONValue {
        var object: JSONObject = [
            "path": .string(path), "rule": .string(rule), "class": .string(secretClass),
            "consequence": .string(consequence),
        ]
        if let pointer {
            object["at"] = .string(pointer)
            if let lastPointer { object["to"] = .string(lastPointer) }
        } else {
            object["line"] = .integer(Int64(line))
        }
        return .object(object)
    }
}
