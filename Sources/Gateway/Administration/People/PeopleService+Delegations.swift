package import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

extension PeopleService {
    /// Passes the signer's seat in a group to another person. On return, the order is durable in the log, then the
    /// delegation in the store; it counts from then on. If the process dies between the two, the next start records that
    /// the delegation was lost.
    ///
    /// - Parameter group: returns a group of the policy in force, or nil if there is no such group.
    package func delegate(
        _ envelope: Envelope, group: @Sendable (String) -> DelegatingGroup?
    ) async throws(PeopleRefusal) -> Delegation {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await accept(envelope, in: &book, at: now)
        // The counter of a passkey is stored already.
        let before = self.book
        guard case .delegate(let name, _, _) = accepted.order.action else {
            throw .order(.otherKind)
        }
        // The orders that an earlier process took are not stored.
        guard accepted.order.at.seconds >= began.seconds else { throw .staleOrder }
        let delegation = try book.delegate(accepted, in: group(name), at: now)
        try await record(
            ports.records.record(
                .approvalDelegated, run: nil,
                fields: [
                    "by": .string(delegation.from.text), "to": .string(delegation.to.text),
                    "id": .string(delegation.id.text), "group": .string(delegation.group),
                    "exp": .integer(delegation.expires.microseconds),
                ], sealing: [("proof", accepted.evidence)]))
        do throws(StoreFailure) {
            try await ports.store.keep(
                people: book.changes(since: before),
                appending: [
                    ControlDraft(.delegation, delegation.id.text, ["order": envelope.json])
                ])
        } catch {
            ports.ledger.note(ended(delegation.id, .lost))
            throw .notRecorded("store")
        }
        show(book)
        return delegation
    }

    /// Ends the signer's delegation in a group, at once, even if the disk fails.
    ///
    /// - Throws: `notKept` if the store failed; a restart must then restore the end from the log.
    package func endDelegation(_ envelope: Envelope) async throws(PeopleRefusal) -> Delegation {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        let before = self.book
        var book = before
        let accepted = try await accept(envelope, in: &book, at: now, isUrgent: true)
        let delegation = try book.endDelegation(accepted, at: now)
        show(book)
        ports.ledger.note(ended(delegation.id, .ended, proof: accepted.evidence))
        try await store(book, since: before, appending: [end(of: delegation, by: envelope)])
        return delegation
    }

    /// Ends the delegations of and to people who left the group or lost every credential, and those that the policy no
    /// longer permits, and forgets expired ones.
    /// Called once a second.
    package func dropDelegations(group: @Sendable (String) -> DelegatingGroup?) async {
        guard !book.delegations.isEmpty else { return }
        await gate.enter()
        defer { gate.leave() }
        let before = self.book
        var book = before
        let ended = book.dropDelegations(at: ports.clock.wall, group: group)
        guard book.delegations != before.delegations else { return }
        show(book)
        for (delegation, end) in ended { ports.ledger.note(self.ended(delegation.id, end)) }
        do throws(PeopleRefusal) {
            try await store(
                book, since: before, appending: ended.map { end(of: $0.0, by: nil) })
        } catch {
            // The store has raised the alert; the next start finds the end in the log, or ends it again.
        }
    }

    /// Records the end of each delegation that the log has and the store never took.
    func recordLost(_ leaves: [JSONValue], at now: Timestamp) {
        var open: Set<OrderID> = []
        for leaf in leaves {
            guard let id = leaf["id"]?.string.flatMap({ OrderID($0) }) else { continue }
            switch leaf["t"]?.string {
            case RecordType.approvalDelegated.rawValue:
                if now.microseconds < leaf["exp"]?.integer ?? 0 { open.insert(id) }
            case RecordType.approvalDelegationEnded.rawValue: open.remove(id)
            default: break
            }
        }
        for id in open.subtracting(book.delegations.keys).sorted(by: { $0.text < $1.text }) {
            ports.ledger.note(ended(id, .lost))
        }
    }

    private func ended(
        _ id: OrderID, _ end: DelegationEnd, proof: [UInt8]? = nil
    ) -> RecordDraft {
        ports.records.record(
            .approvalDelegationEnded, run: nil,
            fields: ["id": .string(id.text), "code": .string(end.code)],
            sealing: proof.map { [("proof", $0)] } ?? [])
    }

    private func end(of delegation: Delegation, by order: Envelope?) -> ControlDraft {
        var body: JSONObject = [:]
        body["order"] = order?.json
        return ControlDraft(.delegationEnd, delegation.id.text, body)
    }
}
