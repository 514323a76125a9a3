package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A request of a caller whose organisation, owner, agent and run are not halted.
package final class AdmittedRequest: Sendable {
    package let identified: IdentifiedRequest
    package var principal: Principal { identified.principal }
    package var received: ReceivedRequest { identified.received }

    fileprivate init(identified: IdentifiedRequest) { self.identified = identified }
}

extension CallPipeline {
    /// Checks the halts of the caller, and whether a node of a cluster may act at all. Makes nothing durable; a refusal is
    /// recorded afterwards. Any halt stops a caller whose owner cannot be looked up.
    func checkHalt(_ identified: IdentifiedRequest) -> Result<AdmittedRequest, RefusedRequest> {
        let refusal: Refusal
        if let halt = gateway.halt(of: identified.principal) {
            refusal = .halted(by: halt)
        } else if let node = gateway.nodeRefusal(of: .read, by: identified.principal) {
            refusal = node
        } else {
            return .success(AdmittedRequest(identified: identified))
        }
        return .failure(RefusedRequest(.refusedCaller(refusal), .halted(identified, refusal)))
    }
}
