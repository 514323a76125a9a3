import InterlockModel
import InterlockSafety

extension ToolFlow {
    /// The most paths in one list, and the most words: each is compared with every call or result of the tool.
    package static let mostPaths = 64
    package static let mostWords = 32
    /// The length of a word in characters. A shorter one begins too many words.
    package static let wordLength = 2...40
}

/// Reads what a tool's entry states about the flow of values, and reports what its shape does not show: a list that
/// states nothing, a path or word that can match nothing, one that is stated twice.
func readFlow(_ entry: TypedValue, _ findings: inout Findings) -> ToolFlow {
    var flow = ToolFlow.none
    flow.source = entry["source"]?.text.flatMap { ToolFlow.Source(rawValue: $0) }
    flow.sends = entry["sends"]?.flag ?? false
    if let keys = entry["keys"] { flow.keys = readPaths(keys, "keys", &findings) }
    if let intent = entry["intent"] { flow.intent = readWords(intent, &findings) }
    if let values = entry["accepts"] { flow.accepted = readValues(values, "accepts", &findings) }
    if let values = entry["returns"] { flow.returned = readValues(values, "returns", &findings) }
    guard let provenance = entry["provenance"] else { return flow }
    if let fields = provenance["trusted"] {
        flow.trustedFields = readPaths(fields, "trusted", &findings)
    }
    if let fields = provenance["untrusted"] {
        flow.untrustedFields = readPaths(fields, "untrusted", &findings)
    }
    if provenance.members.allSatisfy({ $0.value.items.isEmpty }) {
        findings.add(.unfitFlow, at: provenance, "provenance: no field is named")
    }
    for path in flow.trustedFields where flow.untrustedFields.contains(path) {
        findings.add(
            .unfitFlow, at: provenance,
            "provenance: `\(path.text)` is both trusted and untrusted")
    }
    return flow
}

/// The paths of each class, sorted, each once.
private func readValues(
    _ entry: TypedValue, _ label: String, _ findings: inout Findings
) -> [SecretClass: [FieldPath]] {
    var values: [SecretClass: [FieldPath]] = [:]
    for member in entry.members {
        guard let secretClass = SecretClass(rawValue: member.key) else { continue }
        let paths = readPaths(member.value, member.key, &findings)
        if member.value.items.isEmpty {
            findings.add(.unfitFlow, at: member.value, "\(member.key): no place is named")
        }
        if !paths.isEmpty { values[secretClass] = paths }
    }
    if entry.members.isEmpty {
        findings.add(.unfitFlow, at: entry, "\(label): no class is named")
    }
    return values
}

/// The paths of a list, sorted, each once.
private func readPaths(
    _ list: TypedValue, _ label: String, _ findings: inout Findings
) -> [FieldPath] {
    if list.items.count > ToolFlow.mostPaths {
        findings.add(.tooLarge, at: list, "\(label): more than \(ToolFlow.mostPaths) paths")
    }
    var paths: Set<FieldPath> = []
    for item in list.items.prefix(ToolFlow.mostPaths) {
        guard let text = item.text else { continue }
        guard isWrittenPath(text) else {
            findings.add(
                .unfitFlow, at: item, "\(label): invalid path `\(text)`",
                help: "write names with dots between them, such as `recipients.email`, which is "
                    + "the `email` of every element too")
            continue
        }
        if !paths.insert(FieldPath(text)).inserted {
            findings.add(.unfitFlow, at: item, "\(label): `\(text)` is listed more than once")
        }
    }
    return paths.sorted()
}

/// True for a path that is written as names with dots.
func isWrittenPath(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isOfName) }

/// False for what other notations of paths have and no reviewed path needs: slashes, stars, brackets, spaces.
private func isOfName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "/", "*", "[", "]", "\\": false
    default: scalar.value > 0x20 && scalar.value != 0x7f && scalar.isSeen
    }
}

/// The words of `intent`, sorted, each once.
private func readWords(_ list: TypedValue, _ findings: inout Findings) -> [String] {
    if list.items.isEmpty {
        findings.add(
            .unfitFlow, at: list, "intent: no word is named", help: "leave `intent` out instead")
    }
    if list.items.count > ToolFlow.mostWords {
        findings.add(.tooLarge, at: list, "intent: more than \(ToolFlow.mostWords) words")
    }
    var words: Set<String> = []
    for item in list.items.prefix(ToolFlow.mostWords) {
        guard let text = item.text else { continue }
        guard ToolFlow.wordLength.contains(text.count),
            text.unicodeScalars.allSatisfy(isOfWord), text.lowercased() == text
        else {
            findings.add(
                .unfitFlow, at: item,
                "intent: invalid word `\(text)`",
                help: "write \(ToolFlow.wordLength.lowerBound) to "
                    + "\(ToolFlow.wordLength.upperBound) letters or digits in lower case")
            continue
        }
        if !words.insert(text).inserted {
            findings.add(.unfitFlow, at: item, "intent: `\(text)` is listed more than once")
        }
    }
    return words.sorted()
}

/// True for letters, for what is written above and below them, and for digits.
private func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .nonspacingMark, .spacingMark, .decimalNumber:
        true
    default: false
    }
}
