import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// The fields of a record with their labels, by meaning: what happened, to what, by whom and why, then its identities;
/// folded, the empty fields and those that chain and place it, and last the record as it is stored.
struct RecordFields {
    let record: StoredRecord
    /// The record as it is stored and hashed.
    let bytes: [UInt8]
    /// The fields that the page says elsewhere.
    var omitted: Set<String> = []

    @HTMLBuilder var html: [HTML] {
        facts { !isTechnical($0) && !omitted.contains($0.key) && !Self.isEmpty($0) }.html
        fold("Empty fields") { !isTechnical($0) && !omitted.contains($0.key) && Self.isEmpty($0) }
        fold("Technical fields", isTechnical)
        element(.details) {
            element(.summary) { "Raw record" }
            element(.div, .style(.block)) {
                SafeText.text(String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private typealias Field = (key: String, value: JSONValue)

    private func isTechnical(_ field: Field) -> Bool { FieldLabels.technical.contains(field.key) }

    /// True for a value that says nothing, such as an empty list.
    private static func isEmpty(_ field: Field) -> Bool {
        switch field.value {
        case .null, .string(""): true
        case .string("none"): field.key == "ctx"
        case .array(let items): items.isEmpty
        case .object(let object): object.isEmpty
        default: false
        }
    }

    /// The fields by meaning; those of the same rank as the record has them.
    private var fields: [Field] {
        record.object.members.enumerated().map { place, member in
            (rank: FieldLabels.rank(member.key), place: place, field: member)
        }
        .sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }
        .map { $0.field }
    }

    @HTMLBuilder private func fold(_ name: String, _ isShown: (Field) -> Bool) -> [HTML] {
        if fields.contains(where: isShown) {
            element(.details) {
                element(.summary) { name }
                facts(isShown).html
            }
        }
    }

    private func facts(_ isShown: (Field) -> Bool) -> Facts {
        var facts = Facts()
        for (name, value) in fields.filter(isShown) {
            if let label = FieldLabels.label(name) {
                facts.add(label) { self.value(value, of: name) }
            } else {
                facts.add("Unknown field") {
                    SafeText.text(name)
                    ": "
                    SafeText.value(value)
                }
            }
        }
        return facts
    }

    private func value(_ value: JSONValue, of name: String) -> [HTML] {
        if let commitment = Commitment(json: value) {
            return [.text("\(commitment.length) bytes, kept apart")]
        }
        switch (kind(name), value) {
        case (.time, .integer(let time)):
            return [Shape.time(Timestamp(microseconds: time))]
        case (.microseconds, .integer(let length)):
            return [.text(Shape.duration(.microseconds(length)))]
        case (.flag, .bool(let flag)): return [.text(flag ? "yes" : "no")]
        // The pages of the policy and the command line have its digest in this form.
        case (_, .string(let text)) where name == "pol":
            return Digest(base64: text).map { digest in [element(.code) { digest.prefixed }] }
                ?? SafeText.text(text)
        case (_, .string(let text)) where name == "svc": return [Shape.service(text)]
        case (_, .string(let text)):
            return name == "dec" || name == "st" ? DecisionLabels.html(text) : SafeText.text(text)
        default: return SafeText.value(value)
        }
    }

    /// The kind that the record's type declares; the ledger's own fields that need one have it here.
    private func kind(_ name: String) -> RecordField.Kind? {
        switch name {
        case "ts": .time
        case "mono": .microseconds
        default:
            RecordType(rawValue: record.type)
                .flatMap { RecordSchema.of($0).fields.first { $0.name == name } }?.kind
        }
    }
}
