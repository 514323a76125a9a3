import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety

/// The texts of a result that its agent gets although they are numbers of cards, accounts or people: those of fields that
/// the tool's entry returns, or that the obligations on its data keep by name.
///
/// A value counts wherever the result repeats it: most servers have structured content as a text, too.
struct ReturnedValues {
    private let fields: [SecretClass: [FieldPath]]
    /// The fields that are kept; those above them do not name what is below.
    private let kept: [FieldPath]
    private let searched: ResultTexts
    private var texts: [SecretClass: Set<ExactText>] = [:]
    /// The indices of those texts in what was searched. Each text is compared once, and not for each finding in it.
    private var indices: [SecretClass: Set<Int>] = [:]

    /// - Parameters:
    ///   - searched: the texts of `document`.
    ///   - keep: the fields that the obligations keep; nil if they keep all.
    init(in document: JSONValue, _ searched: ResultTexts, _ flow: ToolFlow, keep: [FieldPath]?) {
        self.searched = searched
        fields = flow.returned
        kept = keep ?? []
        guard !fields.isEmpty || !kept.isEmpty else { return }
        if let structured = document["structuredContent"] { add(structured, []) }
        let blocks = (document["content"]?.array ?? []) + (document["contents"]?.array ?? [])
        for block in blocks {
            guard let text = block["text"]?.string else { continue }
            add(text: text, [ToolFlow.textsOfResult])
            guard let value = try? JSONValue(parsing: Array(text.utf8), limits: .upstream)
            else { continue }
            add(value, [])
        }
        for (secretClass, known) in texts {
            let found = searched.texts.indices.filter {
                known.contains(ExactText(searched.texts[$0]))
            }
            indices[secretClass] = Set(found)
        }
    }

    /// Returns true if the value is one of the texts, or is in one of them.
    func has(_ finding: ResultFinding) -> Bool {
        guard let texts = texts[finding.secretClass],
            case .part(let index, let range) = finding.extent, index < searched.texts.count
        else { return false }
        if indices[finding.secretClass]?.contains(index) ?? false { return true }
        let bytes = searched.texts[index].utf8
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return false }
        let start = bytes.index(bytes.startIndex, offsetBy: range.lowerBound)
        let value = bytes[start..<bytes.index(start, offsetBy: range.count)]
        return texts.contains(ExactText(String(decoding: value, as: UTF8.self)))
    }

    private mutating func add(_ value: JSONValue, _ names: [String]) {
        switch value {
        case .null, .bool: break
        case .integer(let number): add(text: String(number), names)
        case .number(let number):
            // The number as it was searched, and in the spellings in which other texts repeat it.
            add(text: number.searched, names)
            add(text: number.text, names)
            add(text: number.digits, names)
        case .string(let text): add(text: text, names)
        case .array(let items): for item in items { add(item, names) }
        case .object(let object):
            for (key, value) in object.members { add(value, names + [key]) }
        }
    }

    private mutating func add(text: String, _ names: [String]) {
        let isKept = kept.contains { $0.names.count == names.count && $0.leads(to: names) }
        for secretClass in Self.classes
        where isKept || (fields[secretClass] ?? []).contains(where: { $0.leads(to: names) }) {
            texts[secretClass, default: []].insert(ExactText(text))
        }
    }

    /// The classes of values that a result may have at fields of its own. A key or password never is one.
    private static let classes: [SecretClass] = [.card, .iban, .nationalID, .personal]
}
