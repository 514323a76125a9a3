package import InterlockApprovals
package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPorts

/// Drafts and takes signed orders about runs. A pause takes effect first and is recorded afterwards; the end of a pause
/// is durable in the log before it takes effect.
package struct RunControlService: Sendable {
    private let gateway: Gateway
    private let orders: DatedOrderService<RunContent>

    package init(
        gateway: Gateway, people: AuthorizedKeysHolder, verifier: any SignatureVerifier,
        passkeys: PeoplePasskeys? = nil, hashing: any Hashing
    ) {
        self.gateway = gateway
        orders = DatedOrderService(
            gateway: gateway, people: people, verifier: verifier, passkeys: passkeys,
            hashing: hashing)
    }

    /// - Returns: the order that was verified and is in force.
    package func take(_ envelope: Envelope) async throws(RunRefusal) -> RunOrder {
        let accepted = try await orders.accept(envelope) { order throws(RunRefusal) in
            try owner(of: known(order.run))
        }
        let order = accepted.order
        let run = try known(order.run)
        switch order.action {
        case .pause:
            let isNew = gateway.breakers.withRuns {
                $0.pause(order.run, of: run.agent, "person", at: gateway.clock.boot)
            }
            await orders.countAfter(accepted)
            guard isNew else { throw .alreadyPaused }
            gateway.ledger.note(record(.responsePause, run, accepted))
        case .unpause:
            guard gateway.breakers.isPaused(order.run) else { throw .notPaused }
            try await orders.count(accepted)
            do throws(LedgerRefusal) {
                _ = try await gateway.ledger.append(record(.responseEnd, run, accepted))
            } catch { throw .notRecorded(error.code) }
            _ = gateway.breakers.withRuns { $0.unpause(order.run, at: gateway.clock.boot) }
        }
        return order
    }

    /// Drafts an order in the name of `author`, for a passkey to sign.
    ///
    /// - Throws: `noSuchRun` also if the person may not see the run's agent.
    package func draft(
        _ content: RunContent, because reason: String, by author: Pseudonym,
        _ visibility: Visibility
    ) throws(RunRefusal) -> OrderDraft {
        let run = try known(content.run)
        guard visibility.sees(run.agent) else { throw .noSuchRun }
        return try orders.draft(content, because: reason, by: author, owner: owner(of: run))
    }

    private func known(_ id: RunID) throws(RunRefusal) -> RunContext {
        guard let run = gateway.runs.known(id) else { throw .noSuchRun }
        return run
    }

    private func owner(of run: RunContext) throws(RunRefusal) -> Pseudonym {
        guard let owner = gateway.policy.owner(of: run.agent) else { throw .noSuchRun }
        return owner
    }

    private func record(
        _ type: RecordType, _ run: RunContext, _ accepted: AcceptedRunOrder
    ) -> RecordDraft {
        gateway.records.record(
            type, run: run, fields: ["code": "person", "by": .string(accepted.order.author.text)],
            sealing: [("order", accepted.evidence)])
    }
}
