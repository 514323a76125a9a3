package import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
package import InterlockSafety

extension ResultInspection {
    /// Returns the facts that a decision takes from this search of arguments, computed as for a call of the gateway.
    ///
    /// - Parameters:
    ///   - arguments: the values that were searched, as they would be sent.
    ///   - now: the time as of which waivers count.
    package func facts(
        of arguments: JSONValue, for address: ToolAddress, under policy: PolicySnapshot,
        at now: Timestamp
    ) -> (finding: DecisionFacts.ArgumentFinding?, classes: SecretClassSet) {
        let isOfHost = address.server == HostServer.name
        let undecodable: DecisionFacts.ArgumentFinding? =
            isUndecodable && !isOfHost ? .undecodable : nil
        let placed: PlacedFindings
        switch self {
        case .clean, .undecodable: return (undecodable, [])
        case .failed: return (.unsearched, [])
        case .marked(let marks, _):
            placed = PlacedFindings(
                arguments, marks: marks, undecodable: undecodable, isOfHost: isOfHost,
                areAnswers: false)
        case .found(let findings, _, let marks):
            placed = PlacedFindings(
                arguments, findings, marks: marks, undecodable: undecodable, isOfHost: isOfHost,
                areAnswers: false)
        }
        var search = ArgumentSearch(finding: nil, found: nil, detail: nil, generation: 0)
        search.placed = placed
        let judged = search.judged(by: policy, address, at: now)
        return (judged.finding, judged.classes)
    }
}
