package import InterlockModel

/// The policy as people read it: what is in force, what one agent has of it, and what waits on disk.
package protocol PolicyReading: Sendable {
    /// From memory.
    func overview(for sight: Sight) -> PolicyOverview

    /// Those of the whole organisation, by kind, without those that are only about agents out of sight.
    func rules(for sight: Sight) -> [PolicyRule]

    /// The agents in sight, by name.
    func agents(for sight: Sight) -> [PolicyAgent]

    /// Computed away from the caller's thread.
    ///
    /// - Throws: `missing` for an agent that is out of sight too.
    func agent(
        _ name: AgentName, for sight: Sight
    ) async throws(PolicyReadingRefusal) -> AgentRules

    /// What lies on disk and is not in force. Compared once, away from the caller's thread.
    ///
    /// - Throws: `missing` when nothing waits or this person may not read it.
    func proposal(for sight: Sight) async throws(PolicyReadingRefusal) -> PolicyProposal

    /// What this person signs to sign off the revision that waits.
    ///
    /// - Parameter seen: the digest of the revision that the person was shown.
    /// - Throws: `changed` when another one waits now, `missing` as above and for whoever may not sign.
    func draft(
        for sight: Sight, of seen: Digest
    ) async throws(PolicyReadingRefusal) -> SignOffDraft
}

package enum PolicyReadingRefusal: Error, Sendable, Hashable {
    case missing
    /// The revision that waits is not the one that was shown.
    case changed
    /// Too much is being computed already; to be asked again.
    case busy
}

/// The bytes of a statement of `application/vnd.interlock.signoff+json`, as `interlock policy diff --sign` makes them.
package struct SignOffDraft: Sendable, Hashable {
    package let statement: [UInt8]
    package let author: Person
    /// Of the policy that it is about.
    package let digest: Digest

    package init(statement: [UInt8], author: Person, digest: Digest) {
        self.statement = statement
        self.author = author
        self.digest = digest
    }
}
