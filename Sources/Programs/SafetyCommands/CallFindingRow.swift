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

    /// - Parameter tool: the tool of the call; nil if the policy is not asked.
    static func rows(
        of findings: SecretFindings, in texts: CallTexts, path: String, _ direction: Direction,
        of tool: ToolConsequences? = nil
    ) -> [CallFindingRow] {
        let bytes = texts.bytes
        let sorted = distinct(findings.sorted.withoutCardsInAccounts(of: bytes.span), in: texts)
        let values = sorted.map { value(of: $0, in: texts) }
        let hidden = texts.hiddenNames(by: sorted)
        func names(_ index: Int) -> [String]? {
            texts.text(at: values[index].lowerBound).flatMap { texts.names(to: $0) }
        }
        // A value of a returned field stays wherever the result repeats it.
        let returned = sorted.indices.filter {
            direction == .results && tool?.returns(sorted[$0], at: names($0)) ?? false
        }
        return sorted.indices.map { index in
            let finding = sorted[index]
            let isRepeated = returned.contains {
                sorted[$0].secretClass == finding.secretClass
                    && bytes[values[$0]] == bytes[values[index]]
            }
            let stated = tool?.consequence(of: finding, at: names(index), direction)
            let places = texts.pointers(to: finding, hiding: hidden)
            let first = places.map { EscapedBytes.text(Array($0.first.utf8)) }
            let last = places.map { EscapedBytes.text(Array($0.last.utf8)) }
            return CallFindingRow(
                path: path, pointer: first, lastPointer: last == first ? nil : last,
                line: finding.line, rule: finding.rule.description,
                secretClass: finding.secretClass.rawValue,
                consequence: isRepeated
                    ? "returned" : stated ?? direction.consequence(of: finding.strength))
        }
    }

    /// The findings without those whose value is also that of a shorter match: a rule for a number behind its word, and one
    /// for its form, find the same value.
    private static func distinct(
        _ findings: [SecretFinding], in texts: CallTexts
    ) -> [SecretFinding] {
        let values = findings.map { value(of: $0, in: texts) }
        return findings.indices.filter { index in
            !findings.indices.contains {
                findings[$0].secretClass == findings[index].secretClass
                    && findings[$0].length < findings[index].length
                    && values[$0] == values[index]
            }
        }.map { findings[$0] }
    }

    /// The bytes of the value: a match may begin with the name of its member.
    private static func value(of finding: SecretFinding, in texts: CallTexts) -> Range<Int> {
        let bytes = texts.bytes
        switch SecretExtent(of: finding, in: bytes.span) {
        case .part(let range): return range
        case .everything:
            let start = min(Int(finding.offset), bytes.count)
            return start..<min(bytes.count, start + finding.length)
        }
    }

    /// True if the call is denied, or the value replaced.
    var changesCall: Bool { consequence == "deny" || consequence == "replace" }

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
