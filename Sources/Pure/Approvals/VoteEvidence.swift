package import InterlockJSON
package import InterlockModel

/// The `proof` payload in the record of a vote: the proof and, for a passkey, its public key, so that the signature can
/// be verified offline. The record `approver.enrolled` binds the key to its holder by the SHA-256 of the key and of the
/// credential's id.
package struct VoteEvidence: Hashable, Sendable {
    package let proof: VoteProof
    /// The public key of a passkey in COSE form, as it was enrolled; nil if the proof names its key itself.
    package let publicKey: [UInt8]?

    /// The length of the largest key in COSE form, RSA of 8,192 bits.
    package static let largestKey = 1200

    init(proof: VoteProof, publicKey: [UInt8]?) {
        self.proof = proof
        self.publicKey = publicKey
    }

    package var json: JSONValue {
        guard let publicKey, case .object(var object) = proof.json else { return proof.json }
        object["key"] = .string(Base64.encode(publicKey))
        return .object(object)
    }

    package var bytes: [UInt8] { json.serialized() }

    /// Parses the payload of a record.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.value(bytes, limit: VoteProof.largest)
        guard case .object(var object) = value, let key = object["key"] else {
            try self.init(proof: VoteProof(json: value), publicKey: nil)
            guard case .key = proof else { throw .missingMember("key") }
            return
        }
        object["key"] = nil
        guard let bytes = key.string.flatMap({ Base64.decode($0) }), bytes.count <= Self.largestKey
        else { throw .badMember("key", "base64 of a key") }
        self.init(proof: try VoteProof(json: .object(object)), publicKey: bytes)
        guard case .passkey = proof else { throw .badMember("key", "there with an assertion") }
    }
}
