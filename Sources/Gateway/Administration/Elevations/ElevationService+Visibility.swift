package import InterlockModel
package import InterlockPolicy

/// The visibility of elevations on the people plane. A viewer sees an elevation if they see its agent, requested it, or
/// are asked for approval by the policy in force (decision 0032).
extension ElevationService {
    /// The visible elevations that are requested or granted, by id.
    package func open(for sight: Visibility) -> [ElevationRequest] {
        open.filter { shows($0, to: sight) }
    }

    /// Returns nil if the elevation does not exist or is not visible.
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
