/// Why a halt or a release is not obeyed.
package enum OrderRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case form(FormError)
    case otherKind
    case otherOrganisation(String)
    case badSignature
    case unknownKey
    case revokedKey
    case expiredKey
    case missingRole(Role)
    /// Signed by somebody whom the statement does not name.
    case notAuthor
    /// A node may stop everything in its own name, and by its detectors an agent or a run.
    case notForNodes
    case tooFewPeople(have: Int, need: Int)
    /// Two keys of one person are one person.
    case samePerson
    case unknownHalt(OrderID)
    /// A halt of overlapping scope came after the epoch that was signed.
    case staleEpoch
    case tooManyOrders
    /// The ledger or the folder of orders could not take it; nothing has changed.
    case notRecorded(String)

    /// Stable, for records.
    package var code: String {
        switch self {
        case .form: "malformed"
        case .otherKind: "other_kind"
        case .otherOrganisation: "other_organisation"
        case .badSignature: "bad_signature"
        case .unknownKey: "unknown_key"
        case .revokedKey: "revoked_key"
        case .expiredKey: "expired_key"
        case .missingRole: "missing_role"
        case .notAuthor: "not_author"
        case .notForNodes: "not_for_nodes"
        case .tooFewPeople: "too_few_people"
        case .samePerson: "same_person"
        case .unknownHalt: "unknown_halt"
        case .staleEpoch: "stale_epoch"
        case .tooManyOrders: "too_many_orders"
        case .notRecorded: "not_recorded"
        }
    }

    package var description: String {
        switch self {
        case .form(let error): "the order is malformed: \(error)"
        case .otherKind: "the envelope holds another kind of statement"
        case .otherOrganisation(let org): "the order is of the organisation `\(org)`"
        case .badSignature: "a signature does not verify"
        case .unknownKey: "a signature is by a key that is not enrolled"
        case .revokedKey: "a signature is by a revoked key"
        case .expiredKey: "a signature is by an expired key"
        case .missingRole(let role): "the signer does not hold the role `\(role.rawValue)`"
        case .notAuthor: "the signer is not named in the order"
        case .notForNodes:
            "a node's key may stop everything in its own name, an agent or a run, and nothing else"
        case .tooFewPeople(let have, let need): "signed by \(have) of \(need) people"
        case .samePerson: "the second signature is by the same person"
        case .unknownHalt(let id): "there is no halt `\(id)`"
        case .staleEpoch: "another halt came since this release was signed"
        case .tooManyOrders: "there are too many orders"
        case .notRecorded(let code): "it cannot be recorded: \(code)"
        }
    }
}

/// A halt whose signature and signer were found good. Only `OrderJudge` makes one.
package struct AcceptedHalt: Hashable, Sendable {
    package let order: HaltOrder
    package let envelope: Envelope
    /// Obeyed all the same; somebody should be told.
    package let expiredKey: Bool

    fileprivate init(order: HaltOrder, envelope: Envelope, expiredKey: Bool) {
        self.order = order
        self.envelope = envelope
        self.expiredKey = expiredKey
    }
}

/// A release that enough people signed. Only `OrderJudge` makes one.
package struct AcceptedRelease: Hashable, Sendable {
    package let order: ReleaseOrder
    package let envelope: Envelope
    package let signers: [Pseudonym]

    fileprivate init(order: ReleaseOrder, envelope: Envelope, signers: [Pseudonym]) {
        self.order = order
        self.envelope = envelope
        self.signers = signers
    }
}

/// Judges signed orders by the trust file (specs of the kill switch, section 3).
///
/// A key that has expired still stops and no longer resumes; a revoked or unknown key does neither.
package struct OrderJudge: Sendable {
    package enum Time: Sendable {
        /// The order has just come in.
        case now(Timestamp)
        /// The order stands in an epoch of this node: it was judged when it came, and what became of
        /// roles and keys since does not undo it. Signatures must still be by enrolled keys.
        case judgedBefore
    }

    package let trust: TrustFile
    private let verifier: any SignatureVerifier
    /// This node's own key, which counts also where the trust file does not list it.
    private let ownKey: PublicKey?

    package init(trust: TrustFile, verifier: any SignatureVerifier, ownKey: PublicKey? = nil) {
        self.trust = trust
        self.verifier = verifier
        self.ownKey = ownKey
    }

    /// A node's halt in its own name, which needs no trust file: so it also stands when there is none.
    package static func ownHalt(
        _ envelope: Envelope, org: String, key: PublicKey, verifier: any SignatureVerifier
    ) throws(OrderRefusal) -> AcceptedHalt {
        let (order, signer) = try haltOrder(envelope, org: org, verifier: verifier)
        guard signer == key else { throw .unknownKey }
        guard order.isFitForNode else { throw .notForNodes }
        return AcceptedHalt(order: order, envelope: envelope, expiredKey: false)
    }

    private static func haltOrder(
        _ envelope: Envelope, org: String, verifier: any SignatureVerifier
    ) throws(OrderRefusal) -> (HaltOrder, PublicKey) {
        guard envelope.payloadType == .halt else { throw .otherKind }
        let order: HaltOrder
        do { order = try HaltOrder(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == org else { throw .otherOrganisation(order.org) }
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else { throw .badSignature }
        return (order, signer)
    }

    package func halt(_ envelope: Envelope, _ time: Time) throws(OrderRefusal) -> AcceptedHalt {
        let (order, key) = try OrderJudge.haltOrder(
            envelope, org: trust.org, verifier: verifier)
        if key == ownKey || trust.nodes.contains(where: { $0.key == key }) {
            guard order.isFitForNode else { throw .notForNodes }
            return AcceptedHalt(order: order, envelope: envelope, expiredKey: false)
        }
        let (person, enrolled) = try signer(key)
        guard !order.local else { throw .notForNodes }
        guard person.pseudonym == order.author else { throw .notAuthor }
        switch time {
        case .judgedBefore:
            return AcceptedHalt(order: order, envelope: envelope, expiredKey: false)
        case .now(let now):
            guard !enrolled.isRevoked else { throw .revokedKey }
            guard person.roles.contains(.kill) else { throw .missingRole(.kill) }
            return AcceptedHalt(
                order: order, envelope: envelope, expiredKey: enrolled.isExpired(at: now))
        }
    }

    package func release(
        _ envelope: Envelope, _ time: Time
    ) throws(OrderRefusal) -> AcceptedRelease {
        let order = try releaseOrder(envelope)
        guard envelope.isSigned(by: verifier) else { throw .badSignature }
        var signers: [Pseudonym] = []
        for signature in envelope.signatures {
            let person = try releaser(signature.keyID, of: order, time)
            guard !signers.contains(person.pseudonym) else { throw .samePerson }
            signers.append(person.pseudonym)
        }
        let need = trust.releaseQuorum
        guard signers.count >= need else {
            throw .tooFewPeople(have: signers.count, need: need)
        }
        return AcceptedRelease(order: order, envelope: envelope, signers: signers)
    }

    /// One signature under a release: the person who gave it, if that person may.
    func releaser(
        _ signature: Envelope.Signature, under envelope: Envelope, of order: ReleaseOrder,
        _ time: Time
    ) throws(OrderRefusal) -> TrustedPerson {
        guard verifier.verifies(signature.bytes, of: envelope.message, by: signature.keyID.bytes)
        else { throw .badSignature }
        return try releaser(signature.keyID, of: order, time)
    }

    func releaseOrder(_ envelope: Envelope) throws(OrderRefusal) -> ReleaseOrder {
        guard envelope.payloadType == .release else { throw .otherKind }
        let order: ReleaseOrder
        do { order = try ReleaseOrder(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == trust.org else { throw .otherOrganisation(order.org) }
        return order
    }

    private func releaser(
        _ key: PublicKey, of order: ReleaseOrder, _ time: Time
    ) throws(OrderRefusal) -> TrustedPerson {
        let (person, enrolled) = try signer(key)
        guard order.authors.contains(person.pseudonym) else { throw .notAuthor }
        if case .now(let now) = time {
            guard !enrolled.isRevoked else { throw .revokedKey }
            guard !enrolled.isExpired(at: now) else { throw .expiredKey }
            guard person.roles.contains(.resume) else { throw .missingRole(.resume) }
        }
        return person
    }

    private func signer(
        _ key: PublicKey
    ) throws(OrderRefusal) -> (TrustedPerson, EnrolledKey) {
        guard let (person, enrolled) = trust.holder(of: key) else { throw .unknownKey }
        return (person, enrolled)
    }
}

extension HaltOrder {
    /// What a node's key may sign: everything in the node's own name, and what its detectors may stop.
    fileprivate var isFitForNode: Bool {
        switch target {
        case .org: local
        case .agent, .run: !local
        case .owner, .server, .tool: false
        }
    }
}
