package import InterlockJSON

/// A short signed statement that an epoch is the newest (docs/specs/kill-switch.md, section 5). The one node that holds
/// the issuer's term sends it.
package struct EpochHeartbeat: Hashable, Sendable {
    package let org: String
    /// The fencing number of issuers, which rises with each takeover.
    package let term: Int64
    package let seq: Int64
    package let epoch: Int64
    /// The SHA-256 of the statement of that epoch.
    package let digest: Digest
    package let node: String
    package let at: Timestamp

    package init(
        org: String, term: Int64, seq: Int64, epoch: Int64, digest: Digest, node: String,
        at: Timestamp
    ) {
        self.org = org
        self.term = term
        self.seq = seq
        self.epoch = epoch
        self.digest = digest
        self.node = node
        self.at = at
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "beat", "org": .string(org), "term": .integer(term),
            "seq": .integer(seq), "epoch": .integer(epoch), "digest": .string(digest.prefixed),
            "node": .string(node), "at": .string(at.rfc3339()),
        ]
    }

    /// Returns the bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] { try canonicalBytes(json) }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: 4096),
            required: ["v", "type", "org", "term", "seq", "epoch", "digest", "node", "at"])
        try fields.expectVersion1()
        try fields.expect("type", "beat")
        let range = 0...JSONValue.largestInteger
        self.init(
            org: try fields.string("org"), term: try fields.integer("term", in: range),
            seq: try fields.integer("seq", in: range),
            epoch: try fields.integer("epoch", in: range),
            digest: try fields.made("digest", "a digest") { Digest(prefixed: $0) },
            node: try fields.string("node"), at: try fields.time("at", fractionDigits: 6))
    }
}
