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
    func checkHalt(_ identified: IdentifiedRequest) -> Result<AdmittedRequest, RefusedRequest> {
        guard let halt = gateway.halt(of: identified.principal) else {
            return .success(AdmittedRequest(identified: identified))
        }
        let refusal = Refusal.halted(by: halt)
        return .failure(RefusedRequest(.refusedCaller(refusal), .halted(identified, refusal)))
    }
}
