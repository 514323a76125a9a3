package import InterlockModel
import InterlockPolicy

/// A request of a caller whose organisation, owner, agent and run are not halted.
package final class AdmittedRequest: Sendable {
    package let identified: IdentifiedRequest
    package var principal: Principal { identified.principal }
    package var received: ReceivedRequest { identified.received }

    fileprivate init(identified: IdentifiedRequest) { self.identified = identified }
}

extension CallPipeline {
    /// Checks the halts of the caller. Makes nothing durable; a refusal is recorded afterwards. Any halt stops a caller
    /// whose owner cannot be looked up.
    func checkHalt(_ identified: IdentifiedRequest) -> Result<AdmittedRequest, PipelineExit> {
        guard let halt = gateway.halt(of: identified.principal) else {
            return .success(AdmittedRequest(identified: identified))
        }
        gateway.counters.halted.count()
        if identified.received.method == .post {
            let refusal = Refusal.halted(by: halt)
            gateway.tally.countDenial(
                of: identified.principal.agent, at: nil, code: refusal.code)
            let policy = gateway.policy.snapshot.digest
            gateway.note(
                gateway.records.denied(
                    gateway.newID(), run: gateway.runs.context(of: identified.principal),
                    address: nil, arguments: nil, policy: policy, code: refusal.code,
                    rule: refusal.rule, nil), under: policy)
        }
        return .failure(.refusedCaller(.halted(by: halt)))
    }
}
