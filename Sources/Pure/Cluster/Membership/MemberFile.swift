import InterlockJSON
package import InterlockModel

/// A file that people and nodes pass on until enough of them have signed: the order that founds a cluster or admits a node,
/// a permit, or a node's claim of a permit. JSON, with the statement as an object that people can read.
///
/// ```json
/// {"v":1,"type":"member-file","statement":{"v":1,"type":"member","deed":"admit", ...},
///  "proofs":[{"keyid":"<base64>","sig":"<base64>"}],"signatures":[{"keyid":"<base64>","sig":"<base64>"}]}
/// ```
/// `proofs` are by each key of the node over the same bytes as the signatures of people; `keyid` of the TLS key is the
/// Ed25519 key itself. A permit has no proofs, and `secret`, the seed of its key: who has that file may admit nodes. A claim
/// has `permit`, the envelope of people, and the permit's key is the one that signs. Nothing of it is verified.
package struct MemberFile: Hashable, Sendable {
    package enum Statement: Hashable, Sendable {
        case order(MemberOrder)
        case claim(MemberClaim, permit: Envelope)
    }

    package let statement: Statement
    /// The signatures by the keys of the node.
    package let proofs: [Envelope.Signature]
    package private(set) var signatures: [Envelope.Signature]
    /// The seed of the permit's key, 32 bytes.
    package let secret: [UInt8]?
    private let payload: [UInt8]

    /// The maximum size of the file, in bytes.
    package static let largest = 256 * 1024
    private static let mostProofs = 8

    package init(
        _ statement: Statement, proofs: [Envelope.Signature] = [],
        signatures: [Envelope.Signature] = [], secret: [UInt8]? = nil
    ) throws(FormError) {
        switch statement {
        case .order(let order): payload = try order.canonical()
        case .claim(let claim, _): payload = try claim.canonical()
        }
        self.statement = statement
        self.proofs = proofs
        self.signatures = signatures
        self.secret = secret
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: Self.largest),
            required: ["v", "type", "statement", "proofs", "signatures"],
            optional: ["permit", "secret"])
        try fields.expectVersion1()
        try fields.expect("type", "member-file")
        let stated = try fields.value("statement")
        let payload: [UInt8]
        do { payload = try stated.canonical() } catch { throw .json(error) }
        var hasSecret = false
        if stated["deed"]?.string == MemberClaim.action {
            statement = .claim(
                try MemberClaim(parsing: payload),
                permit: try Envelope(json: try fields.value("permit"), at: "permit"))
        } else {
            let order = try MemberOrder(parsing: payload)
            switch order.change {
            case .found, .admit: break
            case .permit: hasSecret = true
            case .retire: throw fields.bad("statement", "an order that admits")
            }
            guard !fields.has("permit") else { throw .unknownMember("permit") }
            statement = .order(order)
        }
        guard hasSecret == fields.has("secret") else {
            throw hasSecret ? .missingMember("secret") : .unknownMember("secret")
        }
        self.payload = payload
        proofs = try Self.signatures(fields, "proofs", most: Self.mostProofs)
        signatures = try Self.signatures(fields, "signatures", most: Envelope.mostSignatures)
        secret =
            hasSecret
            ? try fields.made("secret", "base64 of 32 bytes") { text in
                Base64.decode(text).flatMap { $0.count == 32 ? $0 : nil }
            } : nil
    }

    private static func signatures(
        _ fields: StrictFields, _ key: String, most: Int
    ) throws(FormError) -> [Envelope.Signature] {
        var signatures: [Envelope.Signature] = []
        for element in try fields.array(key, count: 0...most) {
            signatures.append(try Envelope.Signature(json: element, at: key))
        }
        return signatures
    }

    /// The bytes of the file, a line for each member.
    package var bytes: [UInt8] {
        var members: [(String, JSONValue)] = [("v", 1), ("type", "member-file")]
        switch statement {
        case .order(let order): members.append(("statement", order.json))
        case .claim(let claim, let permit):
            members += [("statement", claim.json), ("permit", permit.json)]
        }
        members += [
            ("proofs", .array(proofs.map(\.json))),
            ("signatures", .array(signatures.map(\.json))),
        ]
        if let secret { members.append(("secret", .string(Base64.encode(secret)))) }
        var text: [UInt8] = []
        for (name, value) in members {
            text += Array((text.isEmpty ? "{\"" : ",\n \"").utf8) + Array(name.utf8)
            text += Array("\": ".utf8) + value.serialized()
        }
        return text + Array("}\n".utf8)
    }

    /// The bytes that all sign.
    package var message: [UInt8] { envelope.message }
    /// The statement with the signatures of people, or with that of the permit's key.
    package var envelope: Envelope {
        Envelope(payloadType: .member, payload: payload, signatures: signatures)
    }

    /// The node that is admitted, with its keys; nil for a permit and a retirement.
    package var keys: MemberKeys? {
        switch statement {
        case .claim(let claim, _): claim.keys
        case .order(let order):
            switch order.change {
            case .found(let keys, _, _), .admit(let keys, _): keys
            case .permit, .retire: nil
            }
        }
    }

    package mutating func add(_ signature: Envelope.Signature) { signatures.append(signature) }

    /// Returns the name of the first key of the node that has not signed these bytes; nil if all have.
    package func missingProof(
        _ verifier: some SignatureVerifier, hashing: some Hashing
    ) -> String? {
        guard let keys else { return nil }
        let message = message
        let made = proofs.filter { $0.isMade(over: message, verifiedBy: verifier) }
            .compactMap(\.key)
        if !made.contains(keys.log) { return "log" }
        if !made.contains(keys.witness) { return "witness" }
        if !made.contains(keys.token) { return "token" }
        return made.contains { MemberKeys.tls(of: $0, hashing: hashing) == keys.tls } ? nil : "tls"
    }

    /// Verifies the signatures of people under an order, as of people who sign now.
    ///
    /// - Throws: the first refusal; `otherKind` for a claim, which people do not sign.
    package func signers(
        by people: SignedOrderVerifier, at now: Timestamp
    ) throws(OrderRefusal) -> [TrustedPerson] {
        guard case .order = statement else { throw .otherKind }
        let order: MemberOrder = try people.read(envelope)
        var signers: [TrustedPerson] = []
        for signature in signatures {
            let person = try people.verify(signature, under: envelope, of: order, .again(now))
                .person
            guard !signers.contains(where: { $0.pseudonym == person.pseudonym }) else {
                throw .samePerson
            }
            signers.append(person)
        }
        return signers
    }

    /// The statements of the entry that admits the node; nil without the proof of its log's key, or for another order.
    package var statements: PeopleStatements? {
        guard let log = keys?.log, let proof = proofs.first(where: { $0.key == log }) else {
            return nil
        }
        switch statement {
        case .order:
            return PeopleStatements([
                envelope,
                Envelope(payloadType: .member, payload: payload, signatures: [proof]),
            ])
        case .claim(_, let permit):
            return PeopleStatements([
                permit,
                Envelope(
                    payloadType: .member, payload: payload, signatures: signatures + [proof]),
            ])
        }
    }
}

extension MemberKeys {
    /// SHA-256 of the SubjectPublicKeyInfo of an Ed25519 key (RFC 8410), as `tls` has it.
    package static func tls(of key: PublicKey, hashing: some Hashing) -> Digest {
        hashing.sha256(
            [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00] + key.bytes)
    }
}
