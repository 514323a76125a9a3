import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// The fields of a record with their labels: what happened first, then what chains and places it, folded, and last the
/// record as it is stored.
struct RecordFields {
    let record: StoredRecord
    /// The record as it is stored and hashed.
    let bytes: [UInt8]
    /// The fields that the page says elsewhere.
    var omitted: Set<String> = []

    @HTMLBuilder var html: [HTML] {
        facts { !FieldLabels.technical.contains($0) && !omitted.contains($0) }.html
        element(.details) {
            element(.summary) { "Technical fields" }
            facts { FieldLabels.technical.contains($0) }.html
        }
        element(.details) {
            element(.summary) { "Raw record" }
            element(.div, .style(.block)) {
                SafeText.text(String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private func facts(_ isShown: (String) -> Bool) -> Facts {
        var facts = Facts()
        for (name, value) in record.object.members where isShown(name) {
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
