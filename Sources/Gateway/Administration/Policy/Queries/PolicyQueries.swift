package import InterlockModel

/// The policy as people read it: what is in force, what one agent has of it, and what waits on disk.
package protocol PolicyQueries: Sendable {
    /// From memory.
    func overview(for sight: Visibility) -> PolicyOverview

    /// Those of the whole organisation, by kind, without those that are only about agents out of sight.
    func rules(for sight: Visibility) -> [PolicyRule]

    /// The agents in sight, by name.
    func agents(for sight: Visibility) -> [PolicyAgent]

    /// Computed away from the caller's thread.
    ///
    /// - Throws: `missing` for an agent that is out of sight too.
    func agent(
        _ name: AgentName, for sight: Visibility
    ) async throws(PolicyReadingRefusal) -> AgentRules

    /// What lies on disk and is not in force. Compared once, away from the caller's thread.
    ///
    /// - Throws: `missing` when nothing waits or this person may not read it.
    func proposal(for sight: Visibility) async throws(PolicyReadingRefusal) -> PolicyProposal
}

package enum PolicyReadingRefusal: Error, Sendable, Hashable {
    case missing
    /// Too much is being computed already; to be asked again.
    case busy
}
