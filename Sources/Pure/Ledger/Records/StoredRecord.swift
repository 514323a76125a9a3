package import InterlockJSON
package import InterlockModel

/// A record that was read back: its object, whose bytes were verified to be canonical.
package struct StoredRecord: Sendable {
    package let object: JSONObject
    /// The type of the record, which may be unknown to this version.
    package let type: String

    private static let limits = JSONLimits(depth: 16, bytes: Leaf.maximumReadableBytes)

    /// - Throws: `.malformed` unless the bytes are one canonical object with `v`, `t`, `ts` and `node` and without null
    ///   and fractions; absent fields are omitted rather than null.
    package init(parsing bytes: some Collection<UInt8>) throws(RecordFault) {
        let stored = Array(bytes)
        guard let value = try? JSONValue(parsing: stored, limits: Self.limits),
            case .object(let object) = value, let canonical = try? value.canonical(),
            canonical == stored, !object.holdsNullOrFraction, let type = object["t"]?.string,
            object["v"]?.integer == 1,
            let time = object["ts"]?.integer, time >= 0, object["node"]?.string != nil
        else { throw .malformed }
        self.object = object
        self.type = type
    }

    /// The time of writing.
    package var time: Timestamp? {
        object["ts"]?.integer.map { Timestamp(microseconds: $0) }
    }

    package subscript(name: String) -> JSONValue? { object[name] }

    package func text(_ name: String) -> String? { object[name]?.string }

    package func digest(_ name: String) -> Digest? {
        object[name]?.string.flatMap { Digest(base64: $0) }
    }

    /// The commitments to all payloads of the record, by field.
    package var commitments: [(field: String, commitment: Commitment)] {
        object.members.compactMap { member in
            Commitment(json: member.value).map { (member.key, $0) }
        }
    }

    package func commitment(_ field: String) -> Commitment? {
        object[field].flatMap(Commitment.init(json:))
    }
}

/// The fault of a record at its position in the log.
package enum RecordFault: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed
    case brokenChain(run: String)
    /// The record follows a `run.end` of the same run.
    case endedRun(run: String)
    /// The record follows `log.closed`.
    case afterTheEnd
    /// A closing record has no open intent: it was never written, or was closed before.
    case notOpen(intent: String)
    /// A person's finding is about an intent that was not closed as unknown, or whose true end has come since.
    case notUnknown(intent: String)
    /// A person's finding follows a final one about the same call.
    case checkedAlready(intent: String)
    /// A closing record belongs to another run or call than its intent.
    case foreignCloser(intent: String)
    /// The new key did not sign that it replaces the previous one.
    case wrongRotation

    package var description: String {
        switch self {
        case .malformed: "the record is not in canonical form"
        case .brokenChain(let run): "the chain of run `\(run)` is broken"
        case .afterTheEnd: "it follows the end of the epoch"
        case .endedRun(let run): "the run `\(run)` had ended"
        case .notOpen(let intent): "it closes the intent `\(intent)`, which is not open"
        case .notUnknown(let intent):
            "it checks the call of the intent `\(intent)`, whose outcome is not unknown"
        case .checkedAlready(let intent):
            "it checks the call of the intent `\(intent)` again, after a final finding"
        case .foreignCloser(let intent): "it closes the intent `\(intent)` of another call"
        case .wrongRotation: "the new key did not sign for the place of the one before"
        }
    }
}

extension JSONObject {
    fileprivate var holdsNullOrFraction: Bool { members.contains { $0.value.holdsNullOrFraction } }
}

extension JSONValue {
    /// True if the value contains null or a number that is not an integer. The parser's limit bounds the recursion.
    fileprivate var holdsNullOrFraction: Bool {
        switch self {
        case .null, .number: true
        case .object(let object): object.holdsNullOrFraction
        case .array(let values): values.contains { $0.holdsNullOrFraction }
        default: false
        }
    }
}
