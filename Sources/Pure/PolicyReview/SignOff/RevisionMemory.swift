package import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// A node's memory of what people signed. It ends the founding time, separately for each part.
package struct RevisionMemory: Sendable, Hashable {
    package var accepted: AcceptedRevision?
    package var lock: AcceptedLock?

    package init(accepted: AcceptedRevision? = nil, lock: AcceptedLock? = nil) {
        self.accepted = accepted
        self.lock = lock
    }

    /// True if an unsigned lock may still be accepted: no lock and no revision was ever signed here.
    var takesUnsignedLock: Bool { accepted == nil && lock?.isSigned != true }
}

/// The lock that was last in force on this node.
package struct AcceptedLock: Sendable, Hashable {
    package let digest: Digest
    /// True if a signature counted. From then on, no unsigned lock is accepted.
    package let isSigned: Bool

    package init(digest: Digest, isSigned: Bool) {
        self.digest = digest
        self.isSigned = isSigned
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "accepted-lock", "digest": .string(digest.prefixed),
            "signed": .bool(isSigned),
        ]
    }

    package init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(json, required: ["v", "type", "digest", "signed"])
        try fields.expectVersion1()
        try fields.expect("type", "accepted-lock")
        digest = try fields.made("digest", "a digest", InterlockPolicy.digest)
        isSigned = try fields.bool("signed")
    }
}
