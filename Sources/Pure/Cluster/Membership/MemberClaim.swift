package import InterlockJSON
package import InterlockModel

/// The statement by which a node uses a permit that people signed ahead (`MemberOrder.Change.permit`). The key of the permit
/// signs it, and the key of the node's log as the proof that the node has it.
///
/// ```json
/// {"v":1,"type":"member","deed":"claim","org":"acme","permit":"sha256:...","node":{"name":"gw4","log":"<base64>",
///  "witness":"<base64>","token":"<base64>","tls":"sha256:..."}}
/// ```
package struct MemberClaim: Hashable, Sendable {
    package let org: String
    /// SHA-256 of the permit's payload.
    package let permit: Digest
    package let keys: MemberKeys

    package init(org: String, permit: Digest, keys: MemberKeys) {
        self.org = org
        self.permit = permit
        self.keys = keys
    }

    package static let action = "claim"
    /// The maximum size of the statement, in bytes.
    package static let largest = 4096

    package var json: JSONValue {
        [
            "v": 1, "type": "member", "deed": .string(Self.action), "org": .string(org),
            "permit": .string(permit.prefixed), "node": .object(keys.json),
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: ["v", "type", "deed", "org", "permit", "node"])
        try fields.expectVersion1()
        try fields.expect("type", "member")
        try fields.expect("deed", Self.action)
        org = try fields.string("org")
        permit = try fields.digest("permit")
        keys = try MemberKeys(in: fields)
    }

    /// Parses the claim in an envelope. Its signatures are not verified.
    init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .member else {
            throw .badMember("payloadType", "that of members")
        }
        try self.init(parsing: envelope.payload)
    }
}
