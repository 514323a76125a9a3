import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The records of limits and layers (docs/specs/sandbox.md, section 12). What is not kept is in `run.start` too, which is
/// durable before the command is executed.
extension SandboxService {
    /// Records what a run begins without although the policy states it, or lets it be left out.
    func noteDegradations(of run: RunContext, _ request: SandboxRequest, _ policy: PolicySnapshot) {
        if request.landlock == 0 {
            let isNone = request.isolation == SandboxIsolation.none.rawValue
            noteLayer("landlock", isNone ? "policy" : "kernel", of: run)
        }
        if request.isolation != SandboxIsolation.full.rawValue {
            noteLayer("namespaces", "policy", of: run)
        }
        let limits = policy.agents[request.agent]?.sandboxSettings.limits
        for name in request.degraded {
            var fields: JSONObject = [
                "name": .string(name.leafText),
                "code": .string(request.degradation ?? "no-cgroup"),
            ]
            switch name {
            case "cpu": fields["amt"] = limits.map { .integer(Int64($0.cpu)) }
            case "memory": fields["amt"] = limits.map { .integer($0.memory) }
            default: break
            }
            gateway.ledger.note(RecordDraft(.limitDegraded, run: run, fields: fields))
        }
    }

    /// Records the limits that a run reached, before its end.
    func noteHits(of run: RunContext, _ end: SandboxEnd) {
        for hit in end.hits {
            gateway.ledger.note(RecordDraft(.limitHit, run: run, fields: hit.fields))
        }
    }

    private func noteLayer(_ name: String, _ code: String, of run: RunContext) {
        gateway.ledger.note(
            RecordDraft(
                .runDegraded, run: run, fields: ["name": .string(name), "code": .string(code)]))
    }
}
