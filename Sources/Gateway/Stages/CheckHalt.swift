package import InterlockModel

/// A request of a caller that no halt stops: not its organisation, owner, agent or run.
package struct AdmittedRequest: Sendable {
    package let identified: IdentifiedRequest
    package var principal: Principal { identified.principal }
    package var received: ReceivedRequest { identified.received }

    fileprivate init(identified: IdentifiedRequest) { self.identified = identified }
}

extension CallPipeline {
    /// On disk when it returns: nothing. An owner that cannot be looked up counts as halted when any
    /// owner is.
    func checkHalt(_ identified: IdentifiedRequest) -> Result<AdmittedRequest, Stop> {
        guard let halt = gateway.halt(of: identified.principal) else {
            return .success(AdmittedRequest(identified: identified))
        }
        gateway.counters.halted.count()
        return .failure(.refusedCaller(.halted(by: halt)))
    }
}
