import InterlockJSON
package import InterlockModel

/// A node as people admitted it: its name and the keys of its own (docs/specs/cluster.md, section 11).
package struct MemberKeys: Hashable, Sendable {
    package let name: NodeName
    /// The key of the node's log. Its signer signs entries and requests with it, as typed statements only.
    package let log: PublicKey
    package let witness: PublicKey
    package let token: PublicKey
    /// SHA-256 of the SubjectPublicKeyInfo of the TLS key.
    package let tls: Digest

    package init(name: NodeName, log: PublicKey, witness: PublicKey, token: PublicKey, tls: Digest)
    {
        self.name = name
        self.log = log
        self.witness = witness
        self.token = token
        self.tls = tls
    }

    /// The members of a statement that carry the keys.
    static let members = ["name", "log", "witness", "token", "tls"]

    var json: JSONObject {
        [
            "name": .string(name.text), "log": .string(log.base64),
            "witness": .string(witness.base64), "token": .string(token.base64),
            "tls": .string(tls.prefixed),
        ]
    }

    /// - Throws: `badMember` also if two of the keys are the same.
    init(_ fields: StrictFields) throws(FormError) {
        name = try fields.node("name")
        log = try fields.made("log", "base64 of 32 bytes", PublicKey.init(base64:))
        witness = try fields.made("witness", "base64 of 32 bytes", PublicKey.init(base64:))
        token = try fields.made("token", "base64 of 32 bytes", PublicKey.init(base64:))
        tls = try fields.digest("tls")
        guard Set([log, witness, token]).count == 3 else {
            throw fields.bad("token", "a key of its own")
        }
    }

    /// Reads the member `node` of a statement.
    init(in fields: StrictFields) throws(FormError) {
        try self.init(
            try StrictFields(try fields.value("node"), at: "node", required: Self.members))
    }
}

/// A node of the cluster, as the entries that were applied tell.
package struct Member: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// The node may serve, in an incarnation above `expelled`.
        case admitted
        /// People have taken it out for ever: its name and keys are not used again.
        case retired
    }

    package let keys: MemberKeys
    package internal(set) var status = Status.admitted
    /// The highest incarnation that was expelled; nil if none was. It and those before it do nothing more.
    package internal(set) var expelled: Incarnation?

    package init(keys: MemberKeys) { self.keys = keys }

    package var name: NodeName { keys.name }

    /// Returns true if this incarnation of the node may serve.
    package func mayServe(_ incarnation: Incarnation) -> Bool {
        status == .admitted && expelled.map { incarnation > $0 } ?? true
    }
}
