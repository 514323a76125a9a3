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
    /// The JSON Pointer; nil if the file is no JSON.
    let pointer: String?
    let line: Int
    let rule: String
    let secretClass: String
    let consequence: String

    /// - Parameter tool: the tool of the call; nil if the policy is not asked.
    static func rows(
        of findings: SecretFindings, in texts: CallTexts, path: String, _ direction: Direction,
        of tool: ToolConsequences? = nil
    ) -> [CallFindingRow] {
        let sorted = findings.sorted
        let hidden = Set(sorted.compactMap { texts.text(at: start(of: $0, in: texts)) })
        return sorted.map { finding in
            let text = texts.text(at: start(of: finding, in: texts))
            return CallFindingRow(
                path: path,
                pointer: text.map {
                    EscapedBytes.text(Array(texts.pointer(to: $0, hiding: hidden).utf8))
                },
                line: finding.line, rule: finding.rule.description,
                secretClass: finding.secretClass.rawValue,
                consequence: tool?.consequence(
                    of: finding, at: text.flatMap { texts.names(to: $0) }, direction)
                    ?? direction.consequence(of: finding.strength))
        }
    }

    /// The first byte of the value: a match may begin with the name of its member.
    private static func start(of finding: SecretFinding, in texts: CallTexts) -> Int {
        let bytes = texts.bytes
        guard case .part(let range) = SecretExtent(of: finding, in: bytes.span) else {
            return Int(finding.offset)
        }
        return range.lowerBound
    }

    /// True if the call is denied, or the value replaced.
    var changesCall: Bool { consequence == "deny" || consequence == "replace" }

    /// The line for people.
    var sentence: String {
        let place = pointer.map { $0.isEmpty ? "document" : $0 } ?? String(line)
        return "\(path):\(place): \(rule) (\(secretClass), \(consequence))"
    }

    var json: JSONValue {
        var object: JSONObject = [
            "path": .string(path), "rule": .string(rule), "class": .string(secretClass),
            "consequence": .string(consequence),
        ]
        if let pointer {
            object["at"] = .string(pointer)
        } else {
            object["line"] = .integer(Int64(line))
        }
        return .object(object)
    }
}
