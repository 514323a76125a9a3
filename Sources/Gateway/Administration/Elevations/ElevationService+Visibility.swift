package import InterlockModel
package import InterlockPolicy

/// What of the elevations is for whom on the people plane: who sees the agent, who asked, and whom the policy in force
/// asks for approval (decision 0032).
extension ElevationService {
    /// Waiting or granted, by id.
    package func open(for sight: Visibility) -> [ElevationRequest] {
        open.filter { shows($0, to: sight) }
    }

    /// nil for one that is out of sight too.
    package func request(_ id: ElevationID, for sight: Visibility) -> ElevationRequest? {
        self[id].flatMap { shows($0, to: sight) ? $0 : nil }
    }

    private func shows(_ request: ElevationRequest, to sight: Visibility) -> Bool {
        if sight.sees(request.order.agent) { return true }
        guard let person = sight.person else { return false }
        return request.proposal.author == person
            || (try? terms(of: request.order))?.asks(person) ?? false
    }
}
