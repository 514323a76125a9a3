package import InterlockModel

/// The keys of one log, one after the other, as its records tell: `log.genesis` names the first,
/// each `key.rotate` the next, which signs that it takes the place of the one before.
package struct KeySuccession: Sendable {
    /// The key in force; nil until a record names one.
    package private(set) var current: VerifierKey?
    private let origin: String
    private let known: [VerifierKey]
    private let hashing: any Hashing
    private let verifier: any SignatureVerifier

    /// - Parameter known: the keys of the log that were given, for a log whose first records were pruned.
    package init(
        of origin: String, known: [VerifierKey], hashing: any Hashing,
        verifier: any SignatureVerifier
    ) {
        self.origin = origin
        self.known = known.filter { $0.name == origin }
        self.hashing = hashing
        self.verifier = verifier
    }

    /// What a rotation turned out to be.
    package enum Step: Equatable, Sendable {
        case rotated(to: VerifierKey, cause: String)
        /// The key before it is among what was pruned, and was not given.
        case unchecked(VerifierKey)
    }

    /// - Returns: nil for a record that is no rotation.
    /// - Throws: `.wrongRotation` when the new key did not sign for this place.
    package mutating func add(_ record: StoredRecord) throws(RecordFault) -> Step? {
        switch record.type {
        case RecordType.logGenesis.rawValue where current == nil:
            current = record.text("vkey").flatMap { VerifierKey($0, hashing: hashing) }
            return nil
        case RecordType.keyRotate.rawValue: return try rotated(record)
        default: return nil
        }
    }

    private mutating func rotated(_ record: StoredRecord) throws(RecordFault) -> Step {
        guard let new = record.text("vkey").flatMap({ VerifierKey($0, hashing: hashing) }),
            new.name == origin, let signature = record.text("sig").flatMap({ Base64.decode($0) })
        else { throw .wrongRotation }
        let candidates = current.map { [$0] } ?? known
        let isSigned = candidates.contains { old in
            old != new
                && verifier.verifies(
                    signature, of: Self.statement(origin: origin, old: old), by: new.publicKey)
        }
        guard isSigned || current == nil else { throw .wrongRotation }
        current = new
        return isSigned
            ? .rotated(to: new, cause: record.text("why") ?? "no cause") : .unchecked(new)
    }

    /// What the new key signs.
    package static func statement(origin: String, old: VerifierKey) -> [UInt8] {
        Array("interlock/kr/1\0\(origin)\0\(old)".utf8)
    }
}
