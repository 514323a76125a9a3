import InterlockJSON
import InterlockModel

/// One field of a record type, as `docs/records.md` documents it and as the ledger checks it.
package final class RecordField: Sendable {
    package let name: String
    package let kind: Kind
    /// True if every record of the type has the field.
    package let isRequired: Bool
    /// The meaning for readers, beyond what the kind expresses.
    package let meaning: String

    init(name: String, kind: Kind, isRequired: Bool, meaning: String) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.meaning = meaning
    }

    /// The kind of a field's value. No kind permits free text, which belongs in a payload.
    package enum Kind: Sendable {
        /// A name from configuration or a stable code, not empty.
        case name
        case oneOf([String])
        /// An id of 26 characters of lower-case Crockford base32.
        case id
        /// A digest or a key: 32 bytes in base64.
        case digest
        /// The pseudonym of a person.
        case person
        case people
        case names
        case flag
        /// An integer that is not negative.
        case count
        case integer
        /// A time in microseconds since 1970.
        case time
        /// A duration in microseconds.
        case microseconds
        case object
        case objects
        /// A commitment to bytes outside the tree.
        case payload
    }

    var isPayload: Bool { if case .payload = kind { true } else { false } }

    static func required(_ name: String, _ kind: Kind, _ meaning: String) -> RecordField {
        RecordField(name: name, kind: kind, isRequired: true, meaning: meaning)
    }

    static func optional(_ name: String, _ kind: Kind, _ meaning: String) -> RecordField {
        RecordField(name: name, kind: kind, isRequired: false, meaning: meaning)
    }
}

extension RecordField.Kind {
    /// Returns true if the value has this kind. The check is cheap, because it runs for each field of each record on
    /// the call path.
    func holds(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.name, .string(let text)): !text.isEmpty
        case (.oneOf(let words), .string(let text)): words.contains(text)
        case (.id, .string(let text)): isID(text.utf8.span)
        case (.digest, .string(let text)): text.utf8.count == 44
        case (.person, .string(let text)): text.utf8.count == 24
        case (.people, .array(let list)): list.allSatisfy(RecordField.Kind.person.holds)
        case (.names, .array(let list)): list.allSatisfy(RecordField.Kind.name.holds)
        case (.flag, .bool), (.integer, .integer), (.object, .object): true
        case (.count, .integer(let number)), (.time, .integer(let number)),
            (.microseconds, .integer(let number)):
            number >= 0
        case (.objects, .array(let list)): list.allSatisfy { $0.object != nil }
        case (.payload, .object(let object)): object["c"] != nil && object["n"] != nil
        default: false
        }
    }

    /// The name of the kind in `docs/records.md`.
    package var text: String {
        switch self {
        case .name: "name"
        case .oneOf(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .id: "id"
        case .digest: "32 bytes"
        case .person: "person"
        case .people: "people"
        case .names: "names"
        case .flag: "true or false"
        case .count: "count"
        case .integer: "integer"
        case .time: "time"
        case .microseconds: "microseconds"
        case .object: "object"
        case .objects: "objects"
        case .payload: "payload"
        }
    }
}

private func isID(_ text: Span<UInt8>) -> Bool {
    guard text.count == CallID.length else { return false }
    for place in text.indices where !isIDSymbol(text[place]) { return false }
    return true
}

private func isIDSymbol(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
    case UInt8(ascii: "a")...UInt8(ascii: "z"): true
    default: false
    }
}
