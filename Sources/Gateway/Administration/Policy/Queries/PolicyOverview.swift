package import InterlockModel

/// The policy in force: its identity, its sign-off and its findings.
package struct PolicyOverview: Sendable {
    package enum Status: Sendable, Hashable {
        /// No revision was ever signed off here, so anyone who can write the files decides.
        case founding
        /// The people who signed; empty if the file no longer shows them.
        case signed([Person])
        /// Signed by no person other than the author; empty as above.
        case signedByAuthorAlone([Person])

        package var isFounding: Bool { self == .founding }
        package var signers: [Person] {
            switch self {
            case .founding: []
            case .signed(let people), .signedByAuthorAlone(let people): people
            }
        }
    }

    package let digest: Digest
    package let org: String
    package let revision: String?
    /// The time at which it was read from its files.
    package let compiled: Timestamp
    package let status: Status
    /// The latest time that a signature of it states.
    package let signed: Timestamp?
    package let owners: [Person]
    /// The status of `interlock.lock` in words, with the reason if it is not valid.
    package let lock: String
    package let servers: Int
    package let tools: Int
    package let agents: Int
    /// The findings by file and line, without those about agents that are not visible.
    package let findings: [PolicyFinding]
    /// The parts of the files that the gateway does not enforce.
    package let notEnforced: [String]
    /// Is nil before the first reload since the start.
    package let last: PolicyReload?
    /// True if a revision waits on disk, or none was ever signed off, and this person may read it.
    package let isProposed: Bool
}

/// One finding about a policy, in words.
package struct PolicyFinding: Sendable, Hashable {
    package let place: PolicyLocation
    /// The code, for instance `W212`.
    package let code: String
    package let message: String
    package let help: String?
    /// True if a waiver that is in effect covers it.
    package let isWaived: Bool
}

/// The result of the last reload.
package struct PolicyReload: Sendable {
    package let at: Timestamp
    /// Is nil if the revision was put in force.
    package let refusal: RefusalView?

    package struct RefusalView: Sendable {
        /// A stable code, for instance `sign_off`.
        package let code: String
        package let sentence: String
        package let findings: [PolicyFinding]
        /// True if only a sign-off is missing.
        package var waitsForSignOff: Bool { code == "sign_off" }
    }
}

/// One agent of the policy, for a list.
package struct PolicyAgent: Sendable, Hashable {
    package let name: AgentName
    package let owner: Person?
    package let tier: Tier
    /// The stage that the file states.
    package let stage: TrustStage
    /// The stage at which its calls are decided.
    package let acting: TrustStage
    package let place: PolicyLocation
}

/// One page of the agents of the policy.
package struct PolicyAgentListing: Sendable {
    package static let pageSize = 50

    package let agents: [PolicyAgent]
    /// The page number, from 1.
    package let page: Int
    /// The number of agents on all pages.
    package let count: Int

    /// - Parameters:
    ///   - all: of all pages. Only those of the page are made into rows: there may be ten thousand.
    ///   - page: a number beyond the last page gives the last one.
    package init<Agent>(_ all: [Agent], page: Int, row: (Agent) -> PolicyAgent) {
        let size = Self.pageSize
        count = all.count
        self.page = min(max(1, page), max(1, (all.count + size - 1) / size))
        agents = all.dropFirst((self.page - 1) * size).prefix(size).map(row)
    }
}
