package import InterlockModel

/// Everything that goes live together: a compiled policy with what lies beside it.
package struct PolicyRevision: Sendable {
    package let document: PolicyDocument
    package let snapshot: PolicySnapshot
    package let identity: RevisionIdentity
    /// Unverified; nil when there is no `interlock.signoff`.
    package let signOff: SignOff?
    /// Of `interlock.lock`; nil without one, and where it is refused.
    package let lock: Digest?
    /// The policy digest as if there were no lock.
    package let bare: Digest
    /// Version of the time zone database that hours and guards are judged by.
    package let zones: String

    package init(
        document: PolicyDocument, snapshot: PolicySnapshot, identity: RevisionIdentity,
        signOff: SignOff?, lock: Digest?, bare: Digest, zones: String
    ) {
        self.document = document
        self.snapshot = snapshot
        self.identity = identity
        self.signOff = signOff
        self.lock = lock
        self.bare = bare
        self.zones = zones
    }
}

/// Why a revision does not go live. Nothing of it has taken effect.
package enum RevisionRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// A file of it cannot be read at all.
    case unreadable(String)
    /// Nothing can be compiled, it is never loaded, or this version does not enforce it.
    case findings([Finding])
    /// Lint errors, by code and path, that the revision in force does not have.
    case newLints([Finding])
    /// Names of the folder's own tests.
    case failingTests([String])
    case otherOrganisation(found: String, own: String)
    /// There is no lock where the policy in force has one: what people have reviewed does not become
    /// what is seen first because a file is gone.
    case lockIsGone
    /// The lock binds nothing: it cannot be read, or it is nobody's word who may give it.
    case lock(LockProblem)
    case signOff(SignOffRefusal)
    /// The ledger or the store could not take it.
    case notRecorded(String)

    /// Stable, for records.
    package var code: String {
        switch self {
        case .unreadable: "unreadable"
        case .findings: "findings"
        case .newLints: "new_lints"
        case .failingTests: "failing_tests"
        case .otherOrganisation: "other_organisation"
        case .lockIsGone: "lock_is_gone"
        case .lock: "lock"
        case .signOff: "sign_off"
        case .notRecorded: "not_recorded"
        }
    }

    package var findings: [Finding] {
        switch self {
        case .findings(let findings), .newLints(let findings): findings
        case .lock(.unusable(let finding)): finding.map { [$0] } ?? []
        case .unreadable, .failingTests, .otherOrganisation, .lockIsGone, .lock, .signOff,
            .notRecorded:
            []
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let reason): reason
        case .findings(let findings): lines("the policy is refused", findings)
        case .newLints(let findings):
            lines("it has lint errors that the policy in force has not", findings)
        case .failingTests(let names):
            "its own tests fail: " + names.map { "`\($0)`" }.joined(separator: ", ")
        case .otherOrganisation(let found, let own):
            "the policy is of `\(found)`, this node of `\(own)`"
        case .lockIsGone: "\(PolicyLock.fileName) is gone, and the policy in force has a lock"
        case .lock(let problem): "the lock is refused: \(problem)"
        case .signOff(let refusal): "\(refusal)"
        case .notRecorded(let code): "the policy cannot be recorded: \(code)"
        }
    }

    private func lines(_ head: String, _ findings: [Finding]) -> String {
        ([head] + findings.prefix(Findings.most).map(\.text)).joined(separator: "\n")
    }
}
