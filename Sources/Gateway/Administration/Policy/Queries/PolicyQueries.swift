package import InterlockModel

/// Read access to the policy for people: the policy in force, its rules for one agent, and the revision that waits on
/// disk.
package protocol PolicyQueries: Sendable {
    /// Reads memory only.
    func overview(for sight: Visibility) -> PolicyOverview

    /// Returns the organisation's rules, by kind, without those that are only about agents that are not visible.
    func rules(for sight: Visibility) -> [PolicyRule]

    /// Returns the visible agents, by name.
    func agents(for sight: Visibility) -> [PolicyAgent]

    /// Computes the rules of one agent on another thread.
    ///
    /// - Throws: `missing`, also if the agent is not visible.
    func agent(
        _ name: AgentName, for sight: Visibility
    ) async throws(PolicyReadingRefusal) -> AgentRules

    /// Returns the revision on disk that is not in force. It is compared once, on another thread.
    ///
    /// - Throws: `missing` if no revision waits or this person may not read it.
    func proposal(for sight: Visibility) async throws(PolicyReadingRefusal) -> PolicyProposal
}

package enum PolicyReadingRefusal: Error, Sendable, Hashable {
    case missing
    /// Too much is being computed already; the caller may try again.
    case busy
}
