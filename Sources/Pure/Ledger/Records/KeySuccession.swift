package import InterlockModel

/// The successive keys of one log as its records state them: `log.genesis` names the first, and each `key.rotate` names
/// the next, which signs that it replaces the previous one.
package struct KeySuccession: Sendable {
    /// The key in force, or nil until a record names one.
    package private(set) var current: VerifierKey?
    private let origin: String
    private let known: [VerifierKey]
    private let hashing: any Hashing
    private let verifier: any SignatureVerifier

    /// - Parameter known: the keys that were supplied for the log, needed if its first records were pruned.
    package init(
        of origin: String, known: [VerifierKey], hashing: any Hashing,
        verifier: any SignatureVerifier
    ) {
        self.origin = origin
        self.known = known.filter { $0.name == origin }
        self.hashing = hashing
        self.verifier = verifier
    }

    /// The result of processing a rotation.
    package enum Step: Equatable, Sendable {
        case rotated(to: VerifierKey, cause: String)
        /// The rotation cannot be verified: the previous key is in a pruned record and was not supplied.
        case unchecked(VerifierKey)
    }

    /// - Returns: nil if the record is not a rotation.
    /// - Throws: `.wrongRotation` if the new key did not sign that it replaces the current one.
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

    /// Returns the statement that the new key signs.
    package static func statement(origin: String, old: VerifierKey) -> [UInt8] {
        Array("interlock/kr/1\0\(origin)\0\(old)".utf8)
    }
}
