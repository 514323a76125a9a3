package import InterlockModel

/// The policy in force: which it is, by whose word, and what was found in it.
package struct PolicyOverview: Sendable {
    package enum Status: Sendable, Hashable {
        /// No revision was ever signed off here: whoever can write the files decides.
        case founding
        /// Empty when the file does not show any more by whom.
        case signed([Person])
        /// No person other than the author has signed it. Empty as above.
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
    /// When it was read from its files.
    package let compiled: Timestamp
    package let standing: Status
    /// The newest moment that a signature of it names.
    package let signed: Timestamp?
    package let owners: [Person]
    /// What is said of `interlock.lock`: its state, and why where it binds nothing.
    package let lock: String
    package let servers: Int
    package let tools: Int
    package let agents: Int
    /// Those about agents out of sight are left out; by file and line.
    package let findings: [PolicyFinding]
    /// What the files say and the gateway does not enforce.
    package let notEnforced: [String]
    /// nil before the first reload since the start.
    package let last: PolicyReload?
    /// Whether this person may read a revision that waits, and there is one.
    package let isProposed: Bool

    package init(
        digest: Digest, org: String, revision: String?, compiled: Timestamp, standing: Status,
        signed: Timestamp?, owners: [Person], lock: String, servers: Int, tools: Int, agents: Int,
        findings: [PolicyFinding], notEnforced: [String], last: PolicyReload?, isProposed: Bool
    ) {
        self.digest = digest
        self.org = org
        self.revision = revision
        self.compiled = compiled
        self.standing = standing
        self.signed = signed
        self.owners = owners
        self.lock = lock
        self.servers = servers
        self.tools = tools
        self.agents = agents
        self.findings = findings
        self.notEnforced = notEnforced
        self.last = last
        self.isProposed = isProposed
    }
}

/// One finding about a policy, in words.
package struct PolicyFinding: Sendable, Hashable {
    package let place: PolicyLocation
    /// For instance `W212`.
    package let code: String
    package let message: String
    package let help: String?
    /// By a waiver that counts now.
    package let isWaived: Bool

    package init(
        place: PolicyLocation, code: String, message: String, help: String?, isWaived: Bool
    ) {
        self.place = place
        self.code = code
        self.message = message
        self.help = help
        self.isWaived = isWaived
    }
}

/// What became of the last reload.
package struct PolicyReload: Sendable {
    package let at: Timestamp
    /// nil: it went live.
    package let refusal: Refusal?

    package struct Refusal: Sendable {
        /// Stable, for instance `sign_off`.
        package let code: String
        package let sentence: String
        package let findings: [PolicyFinding]

        package init(code: String, sentence: String, findings: [PolicyFinding]) {
            self.code = code
            self.sentence = sentence
            self.findings = findings
        }
    }

    package init(at: Timestamp, refusal: Refusal?) {
        self.at = at
        self.refusal = refusal
    }
}

/// One agent of the policy, for a list.
package struct PolicyAgent: Sendable, Hashable {
    package let name: AgentName
    package let owner: Person?
    package let tier: Tier
    package let stage: TrustStage
    package let place: PolicyLocation

    package init(
        name: AgentName, owner: Person?, tier: Tier, stage: TrustStage, place: PolicyLocation
    ) {
        self.name = name
        self.owner = owner
        self.tier = tier
        self.stage = stage
        self.place = place
    }
}
