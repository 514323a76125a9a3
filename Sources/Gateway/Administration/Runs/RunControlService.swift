package import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPorts

/// Takes signed orders about runs. A pause takes effect first and is recorded afterwards; the end of a pause is durable
/// in the log before it takes effect.
package struct RunControlService: Sendable {
    private let gateway: Gateway
    private let people: AuthorizedKeysHolder
    private let verifier: any SignatureVerifier

    package init(gateway: Gateway, people: AuthorizedKeysHolder, verifier: any SignatureVerifier) {
        self.gateway = gateway
        self.people = people
        self.verifier = verifier
    }

    /// - Returns: the order that was verified and is in force.
    package func take(_ envelope: Envelope) async throws(RunRefusal) -> RunOrder {
        guard let trust = people.trust else { throw .order(.unknownKey) }
        let now = gateway.clock.now
        let accepted = try SignedOrderVerifier(trust: trust, verifier: verifier).verify(
            envelope, as: RunOrder.self, .now(now.wall)
        ) { order throws(RunRefusal) in
            guard let run = gateway.runs.known(order.run),
                let owner = gateway.policy.owner(of: run.agent)
            else { throw .noSuchRun }
            return owner
        }
        let order = accepted.order
        guard let run = gateway.runs.known(order.run) else { throw .noSuchRun }
        switch order.action {
        case .pause:
            let isNew = gateway.breakers.withRuns {
                $0.pause(order.run, of: run.agent, "person", at: now.boot)
            }
            guard isNew else { throw .alreadyPaused }
            gateway.ledger.note(record(.responsePause, run, accepted))
        case .unpause:
            guard gateway.breakers.isPaused(order.run) else { throw .notPaused }
            do throws(LedgerRefusal) {
                _ = try await gateway.ledger.append(record(.responseEnd, run, accepted))
            } catch { throw .notRecorded(error.code) }
            _ = gateway.breakers.withRuns { $0.unpause(order.run, at: gateway.clock.boot) }
        }
        return order
    }

    private func record(
        _ type: RecordType, _ run: RunContext, _ accepted: AcceptedRunOrder
    ) -> RecordDraft {
        gateway.records.record(
            type, run: run, fields: ["code": "person", "by": .string(accepted.order.author.text)],
            sealing: [("order", accepted.envelope.json.serialized())])
    }
}
