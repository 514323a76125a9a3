import InterlockGovernor
package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// An elevation that a person requests for an agent, before it becomes an order.
package struct WantedElevation: Sendable {
    package let agent: AgentName
    /// The requested grants in the policy's canonical form, as in `ElevationOrder.grants`.
    package let grants: JSONValue
    /// The start of the elevation in whole seconds, or nil to start now.
    package let from: Timestamp?
    package let lasting: Duration
    package let reason: String
    package let ticket: String

    package init(
        agent: AgentName, grants: JSONValue, from: Timestamp?, lasting: Duration, reason: String,
        ticket: String
    ) {
        self.agent = agent
        self.grants = grants
        self.from = from
        self.lasting = lasting
        self.reason = reason
        self.ticket = ticket
    }
}

/// Drafts orders for a person's passkey to sign. No draft is stored: an elevation has its own id and is taken once, and
/// an approval or end signs the elevation's own bytes under another payload type.
extension ElevationService {
    /// Refuses a grant that the policy does not permit before the person is asked for a passkey.
    package func draftRequest(
        _ wanted: WantedElevation, by author: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        let now = gateway.clock.wall
        let from = wanted.from ?? now.wholeSecond
        let order: ElevationOrder
        let payload: [UInt8]
        do throws(FormError) {
            order = try ElevationOrder(
                id: ElevationID(
                    milliseconds: now.milliseconds, random: gateway.ports.entropy.bytes(10)),
                org: try org(of: author), agent: wanted.agent, grants: wanted.grants,
                from: from, until: from + wanted.lasting, reason: wanted.reason,
                ticket: wanted.ticket, author: author)
            payload = try order.canonical()
        } catch {
            throw .order(.form(error))
        }
        _ = try terms(of: order)
        return try draft(.elevationRequest, payload, by: author)
    }

    package func draftApproval(
        of id: ElevationID, by signer: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        try draft(.elevationApproval, of: id, by: signer)
    }

    package func draftEnd(
        of id: ElevationID, by signer: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        try draft(.elevationEnd, of: id, by: signer)
    }

    private func draft(
        _ type: PayloadType, of id: ElevationID, by signer: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        guard let request = self[id] else { throw .noSuchElevation }
        return try draft(type, request.proposal.envelope.payload, by: signer)
    }

    private func draft(
        _ type: PayloadType, _ payload: [UInt8], by signer: Pseudonym
    ) throws(ElevationRefusal) -> OrderDraft {
        guard let trust = people.trust, trust.person(signer) != nil else {
            throw .order(.unknownKey)
        }
        return OrderDraft(type, payload, for: signer, trust: trust, hashing: hashing)
    }

    private func org(of signer: Pseudonym) throws(FormError) -> String {
        guard let trust = people.trust else { throw .badMember("author", "somebody enrolled") }
        return trust.org
    }
}
