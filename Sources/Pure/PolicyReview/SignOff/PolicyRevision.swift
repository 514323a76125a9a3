package import InterlockModel
package import InterlockPolicy

/// Everything that takes effect together: a compiled policy with the files next to it.
package struct PolicyRevision: Sendable {
    package let document: PolicyDocument
    package let snapshot: PolicySnapshot
    package let identity: RevisionIdentity
    /// The sign-off, which is not verified, or nil if there is no `interlock.signoff`.
    package let signOff: SignOff?
    /// The digest of `interlock.lock`, or nil if the file does not exist or is refused.
    package let lock: Digest?
    /// The policy digest, computed without the lock.
    package let bare: Digest
    /// The version of the time zone database that hours and guards use.
    package let zones: String
    /// The bytes of its files, for people who compare it with another.
    package let texts: RevisionTexts

    package init(
        document: PolicyDocument, snapshot: PolicySnapshot, identity: RevisionIdentity,
        signOff: SignOff?, lock: Digest?, bare: Digest, zones: String, texts: RevisionTexts = .none
    ) {
        self.document = document
        self.snapshot = snapshot
        self.identity = identity
        self.signOff = signOff
        self.lock = lock
        self.bare = bare
        self.zones = zones
        self.texts = texts
    }
}

/// The reason why a revision is refused. No part of it has taken effect.
package enum RevisionRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// One of its files cannot be read at all.
    case unreadable(String)
    /// The policy cannot be compiled, is never loaded, or is not enforced by this version.
    case findings([Finding])
    /// A file of rules of the search next to the policy is invalid, does not compile or fails its own tests.
    case rules(String)
    /// Lint errors, by code and path, that the revision in force does not have.
    case newLints([Finding])
    /// The names of the folder's own tests that fail.
    case failingTests([String])
    case otherOrganisation(found: String, own: String)
    /// The lock is missing, although the policy in force has one. A missing file must not replace what
    /// people have reviewed by what is seen first.
    case lockIsGone
    /// The lock is not valid: it cannot be read, or no person who may sign it has done so.
    case lock(LockProblem)
    case signOff(SignOffRefusal)
    /// The audit log or the store could not record the revision.
    case notRecorded(String)
    /// It was staged, and what its staging relied on has changed before it was activated.
    case stale(StaleRevision)

    /// A stable code for records.
    package var code: String {
        switch self {
        case .unreadable: "unreadable"
        case .findings: "findings"
        case .rules: "rules"
        case .newLints: "new_lints"
        case .failingTests: "failing_tests"
        case .otherOrganisation: "other_organisation"
        case .lockIsGone: "lock_is_gone"
        case .lock: "lock"
        case .signOff: "sign_off"
        case .notRecorded: "not_recorded"
        case .stale: "stale"
        }
    }

    /// True unless the revision only waits for signatures.
    package var isError: Bool { if case .signOff = self { false } else { true } }

    package var findings: [Finding] {
        switch self {
        case .findings(let findings), .newLints(let findings): findings
        case .lock(.unusable(let finding)): finding.map { [$0] } ?? []
        case .unreadable, .rules, .failingTests, .otherOrganisation, .lockIsGone, .lock, .signOff,
            .notRecorded, .stale:
            []
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let reason): reason
        case .findings(let findings): lines("the policy is refused", findings)
        case .rules(let reason): "the rules beside the policy are refused: \(reason)"
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
        case .stale(let reason): "the staged policy is stale (\(reason.rawValue)): \(reason)"
        }
    }

    private func lines(_ head: String, _ findings: [Finding]) -> String {
        ([head] + findings.prefix(Findings.most).map(\.text)).joined(separator: "\n")
    }
}

/// The change that makes a staged revision stale, by its stable name.
package enum StaleRevision: String, Sendable, Hashable, CustomStringConvertible {
    /// Another revision was staged later.
    case staged
    /// A revision was put in force since, this one included: a staged revision is activated once.
    case activated
    /// The files differ from those that were staged.
    case files
    /// Its sign-off, or the signature of its lock, no longer suffices.
    case signOff = "sign_off"

    package var description: String {
        switch self {
        case .staged: "another revision was staged since"
        case .activated: "a revision was activated since"
        case .files: "the files have changed since"
        case .signOff: "its signatures no longer suffice"
        }
    }
}
