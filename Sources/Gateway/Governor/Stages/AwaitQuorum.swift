import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A call whose last record before the send has the required durability.
///
/// INVARIANT: a call that must be witnessed is sent only after a quorum cosigned its record. Kept by `QuorumTests`,
/// `test_witness.py`.
package final class WitnessedCall: Sendable {
    package let cleared: ClearedCall
    /// True if the call waited for witnesses.
    let hasWaited: Bool

    fileprivate init(cleared: ClearedCall, hasWaited: Bool) {
        self.cleared = cleared
        self.hasWaited = hasWaited
    }
}

extension CallPipeline {
    /// Waits, for a call of strength D2, until a quorum of witnesses has cosigned what is durable now: its intent and,
    /// if people approved it, the use of their grant. Makes nothing durable. If the process dies meanwhile nothing was
    /// sent; the next start closes the intent.
    func awaitQuorum(_ cleared: ClearedCall) async -> Result<WitnessedCall, RefusedRequest> {
        let recorded = cleared.recorded
        guard recorded.decided.strength == .witnessed else {
            return .success(WitnessedCall(cleared: cleared, hasWaited: false))
        }
        guard let quorum = gateway.ports.quorum, await quorum.reach() else {
            return .failure(recorded.refused(.unwitnessed))
        }
        return .success(WitnessedCall(cleared: cleared, hasWaited: true))
    }
}

extension Refusal {
    fileprivate static let unwitnessed = Refusal(
        .denied, "audit", "quorum", rule: "audit.quorum",
        "the call must be witnessed and no quorum of witnesses answered in time, so it was not sent (audit.quorum)",
        retryAfterMilliseconds: 5000, outcome: .notExecuted)
}
