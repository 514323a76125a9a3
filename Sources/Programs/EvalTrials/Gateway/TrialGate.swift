import InterlockGovernor
import InterlockModel
import InterlockPolicy

/// The change gate of a trial: a case is what a result is made of, so it runs before there is a result.
///
/// INVARIANT: no gateway that serves agents can have this gate. Its type is internal to this module, and the one place
/// that makes it is `TrialGateway`, which has fake servers alone, a log in memory and a credential of its own. Kept by
/// `ChangeGateExemptionTests`.
struct TrialGate: ChangeGate {
    func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact { .passed }
    func expect(_ policy: PolicySnapshot, after old: PolicySnapshot) async {}
    func take(_ parts: MeasuredParts, of run: RunID, _ agent: AgentName) {}
    func show(_ part: NamedPart, of run: RunID, _ agent: AgentName) {}
    func forget(_ run: RunID) {}
    func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? { nil }
}
