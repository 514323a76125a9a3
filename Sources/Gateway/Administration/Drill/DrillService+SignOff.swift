import InterlockEvidence
import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// The sign-off of a drill's report by a person with the role `security` or an owner of the policy, by key or passkey.
extension DrillService {
    /// The verifier of people's signatures; nil while the authorized keys cannot be read.
    var orders: SignedOrderVerifier? {
        people.trust.map {
            SignedOrderVerifier(trust: $0, verifier: verifier, passkeys: passkeys.judge(hashing))
        }
    }

    package func isSignedOff(_ signed: SignedDrill) -> Bool {
        orders.map { signed.people($0).contains(where: maySign) } ?? false
    }

    package func maySign(_ person: TrustedPerson) -> Bool {
        person.roles.contains(.security)
            || gateway.policy.snapshot.owners.contains(person.person)
    }

    /// Drafts the sign-off of a report for a person's passkey: the bytes of the report itself.
    package func draft(_ id: OrderID, by author: Pseudonym) throws(OrderRefusal) -> OrderDraft {
        guard let trust = people.trust, let person = trust.person(author) else {
            throw .unknownKey
        }
        guard maySign(person) else { throw .missingRole(.security) }
        guard let known = try kept().first(where: { $0.report.id == id }) else {
            throw .unknownHalt(id)
        }
        return OrderDraft(
            .drill, known.envelope.payload, for: author, trust: trust, hashing: hashing)
    }

    /// Adds a signature. On return, it is durable in the report; the counter of its passkey is stored before. A person
    /// who has signed already changes nothing.
    package func sign(_ envelope: Envelope) async throws(OrderRefusal) -> SignedDrill {
        guard envelope.payloadType == .drill, let signature = envelope.signatures.first,
            envelope.signatures.count == 1
        else { throw .otherKind }
        await signing.enter()
        defer { signing.leave() }
        guard let known = try kept().first(where: { $0.envelope.payload == envelope.payload })
        else { throw .otherKind }
        guard !known.signatures.contains(where: { $0.isOfSameUse(as: signature) }) else {
            return known
        }
        guard let orders else { throw .unknownKey }
        let now = gateway.clock.wall
        let judged = try await passkeys.believed(envelope) { () throws(OrderRefusal) in
            try orders.sole(of: envelope, .now(now))
        }
        guard !judged.isExpired else { throw .expiredKey }
        guard maySign(judged.person) else { throw .missingRole(.security) }
        try await passkeys.count([judged])
        guard !known.people(orders).contains(where: { $0.pseudonym == judged.signer }) else {
            return known
        }
        let whole = try SignedDrill(
            Envelope(
                payloadType: .drill, payload: known.envelope.payload,
                signatures: known.envelope.signatures + [signature]),
            node: known.node, verifier: verifier)
        try keep(whole, by: judged.signer)
        return whole
    }

    private func kept() throws(OrderRefusal) -> [SignedDrill] {
        do { return try reports() } catch { throw .notRecorded("state/drill") }
    }
}
