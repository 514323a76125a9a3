package import InterlockJSON
package import InterlockModel

/// A record as it was read back: its object, after the check that its bytes are canonical.
package struct StoredRecord: Sendable {
    package let object: JSONObject
    /// The record's type, also one that this version does not know.
    package let type: String

    private static let limits = JSONLimits(depth: 16, bytes: Leaf.maximumReadableBytes)

    /// - Throws: `.malformed` for anything but one canonical object with `v`, `t`, `ts` and `node`, and
    ///   without null and fractions: an absent field is left out.
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

    /// When it was written.
    package var time: Timestamp? {
        object["ts"]?.integer.map { Timestamp(microseconds: $0) }
    }

    package subscript(name: String) -> JSONValue? { object[name] }

    package func text(_ name: String) -> String? { object[name]?.string }

    package func digest(_ name: String) -> Digest? {
        object[name]?.string.flatMap { Digest(base64: $0) }
    }

    /// Every payload that the record commits to, by field.
    package var commitments: [(field: String, commitment: Commitment)] {
        object.members.compactMap { member in
            Commitment(json: member.value).map { (member.key, $0) }
        }
    }

    package func commitment(_ field: String) -> Commitment? {
        object[field].flatMap(Commitment.init(json:))
    }
}

/// What is wrong with a record at its place in the log.
package enum RecordFault: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed
    case brokenChain(run: String)
    /// The run's last record was a `run.end`.
    case endedRun(run: String)
    /// It follows `log.closed`.
    case afterTheEnd
    /// A closing record whose intent is not open: never written, or closed before.
    case notOpen(intent: String)
    /// The closing record is of another run or call than the intent.
    case foreignCloser(intent: String)
    /// The key that it names did not sign that it takes the place of the one before.
    case wrongRotation

    package var description: String {
        switch self {
        case .malformed: "the record is not in canonical form"
        case .brokenChain(let run): "the chain of run `\(run)` is broken"
        case .afterTheEnd: "it follows the end of the epoch"
        case .endedRun(let run): "the run `\(run)` had ended"
        case .notOpen(let intent): "it closes the intent `\(intent)`, which is not open"
        case .foreignCloser(let intent): "it closes the intent `\(intent)` of another call"
        case .wrongRotation: "the new key did not sign for the place of the one before"
        }
    }
}

extension JSONObject {
    fileprivate var holdsNullOrFraction: Bool { members.contains { $0.value.holdsNullOrFraction } }
}

extension JSONValue {
    /// As deep as the parser's limit lets it be.
    fileprivate var holdsNullOrFraction: Bool {
        switch self {
        case .null, .number: true
        case .object(let object): object.holdsNullOrFraction
        case .array(let values): values.contains { $0.holdsNullOrFraction }
        default: false
        }
    }
}
