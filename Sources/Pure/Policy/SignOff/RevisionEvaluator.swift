package import InterlockModel

/// Whether a revision goes live (specs of the policy, 6.3): pure, so that every refusal can be tried.
package struct RevisionEvaluator: Sendable {
    package typealias Compare =
        @Sendable (_ old: PolicyRevision, _ new: PolicyRevision) -> RevisionComparison
    /// - Returns: the names of the folder's own tests that fail.
    package typealias RunTests = @Sendable (PolicyRevision) -> [String]

    package struct Verdict: Sendable {
        package let standing: RevisionStatus
        package let comparison: RevisionComparison
        /// Of a founding node: why the revision does not count as signed off.
        package let unsigned: SignOffRefusal?
        /// Whose word its lock is.
        package let lock: LockStatus
    }

    private let trust: @Sendable () -> AuthorizedKeys?
    private let verifier: any SignatureVerifier
    private let passkeys: EnrolledPasskeyVerifier?
    private let compare: Compare
    private let runTests: RunTests

    /// - Parameters:
    ///   - trust: asked at each judgement; nil while it cannot be read: then no signature counts.
    ///   - passkeys: nil where nobody can sign by passkey.
    package init(
        trust: @escaping @Sendable () -> AuthorizedKeys?, verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil, compare: @escaping Compare,
        runTests: @escaping RunTests
    ) {
        self.trust = trust
        self.verifier = verifier
        self.passkeys = passkeys
        self.compare = compare
        self.runTests = runTests
    }

    private var signOffs: SignOffVerifier? {
        trust().map { SignOffVerifier(trust: $0, verifier: verifier, passkeys: passkeys) }
    }
    private var locks: LockVerifier? {
        trust().map { LockVerifier(trust: $0, verifier: verifier) }
    }

    /// At start nothing is in force: lint errors hold their agents instead of refusing, and what was
    /// signed off before is taken again.
    package func start(
        _ candidate: PolicyRevision, memory: RevisionMemory, at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        let lock = try lockStanding(candidate, memory, at: now)
        try refuseFailingTests(candidate)
        return try judge(candidate, memory, lock, at: now) { .notComparable }
    }

    /// A start with a lock that binds nothing: no server is offered, so nothing is decided under the
    /// policy, which must still be the one that was signed off.
    ///
    /// - Parameter candidate: compiled without its lock.
    package func startWithoutServers(
        _ candidate: PolicyRevision, _ problem: LockProblem, memory: RevisionMemory
    ) throws(RevisionRefusal) -> Verdict {
        guard let accepted = memory.accepted else {
            return Verdict(
                standing: .founding, comparison: .notComparable, unsigned: .unsigned,
                lock: .refused(problem))
        }
        guard accepted.bare == candidate.bare else { throw .signOff(.otherRevision("digest")) }
        guard accepted.identity.tests == candidate.identity.tests else {
            throw .signOff(.otherRevision("tests"))
        }
        guard accepted.identity.files == candidate.identity.files else {
            throw .signOff(.otherRevision("files"))
        }
        return Verdict(
            standing: .signed([], accepted.basis), comparison: .equal, unsigned: nil,
            lock: .refused(problem))
    }

    package func reload(
        _ candidate: PolicyRevision, over active: PolicyRevision, memory: RevisionMemory,
        at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        let org = active.snapshot.org
        guard candidate.snapshot.org == org else {
            throw .otherOrganisation(found: candidate.snapshot.org, own: org)
        }
        let isRefused = active.snapshot.lockProblem != nil
        guard candidate.lock != nil || (active.lock == nil && !isRefused) else { throw .lockIsGone }
        let lock = try lockStanding(candidate, memory, at: now)
        // What was compiled without its lock has fewer lints, and says nothing of the one before.
        let lints =
            isRefused ? [] : Self.newLints(of: candidate.snapshot, over: active.snapshot)
        guard lints.isEmpty else { throw .newLints(lints) }
        try refuseFailingTests(candidate)
        return try judge(candidate, memory, lock, at: now) {
            comparison(of: candidate, with: active, memory.accepted)
        }
    }

    /// An unsigned lock binds on a founding node alone; one that was in force signed is not judged again,
    /// since keys expire.
    private func lockStanding(
        _ candidate: PolicyRevision, _ memory: RevisionMemory, at now: Timestamp
    ) throws(RevisionRefusal) -> LockStatus {
        guard let lock = candidate.snapshot.lock else {
            guard memory.lock?.isSigned != true else { throw .lock(.gone) }
            return .absent
        }
        do throws(LockProblem) {
            guard let locks else { throw LockProblem.noTrust }
            return .signed(
                try locks.signers(
                    of: lock, owners: memory.accepted?.owners ?? Set(candidate.snapshot.owners),
                    at: now))
        } catch {
            if let known = memory.lock, known.isSigned, known.digest == lock.digest {
                return .signed([])
            }
            guard memory.takesUnsignedLock, error.isOnlyUnsigned else { throw .lock(error) }
            return .unsigned(error)
        }
    }

    /// What nobody signed is nothing to compare with; nor are files of other parts, whose meaning is not
    /// known here.
    private func comparison(
        of candidate: PolicyRevision, with active: PolicyRevision, _ accepted: AcceptedRevision?
    ) -> RevisionComparison {
        guard Self.isComparable(candidate, with: active, accepted) else { return .notComparable }
        return compare(active, candidate)
    }

    private static func isComparable(
        _ candidate: PolicyRevision, with active: PolicyRevision, _ accepted: AcceptedRevision?
    ) -> Bool {
        accepted?.identity == active.identity
            && candidate.identity.files == active.identity.files
    }

    /// How far the sign-off of a revision has come that is not in force.
    ///
    /// - Parameter meaning: how the two policies compare; what has nothing to be compared with is not comparable.
    /// - Returns: nil while nobody's signature can be judged.
    package func progress(
        of candidate: PolicyRevision, over active: PolicyRevision, memory: RevisionMemory,
        meaning: RevisionComparison, at now: Timestamp
    ) -> SignOffProgress? {
        let isComparable = Self.isComparable(candidate, with: active, memory.accepted)
        guard let signOffs else { return nil }
        return signOffs.progress(
            of: candidate.signOff, of: candidate.identity,
            owners: memory.accepted?.owners ?? Set(candidate.snapshot.owners),
            comparison: isComparable ? meaning : .notComparable,
            alone: basisAlone(signOffs.trust, memory), at: now)
    }

    /// Lint errors by code and path; where they stand in a file may change.
    static func newLints(of candidate: PolicySnapshot, over active: PolicySnapshot) -> [Finding] {
        struct Lint: Hashable {
            let code: FindingCode
            let path: String
        }
        func lints(_ findings: [Finding]) -> [Finding] {
            findings.filter { $0.code.grade == .lint }
        }
        let known = Set(lints(active.findings).map { Lint(code: $0.code, path: $0.path) })
        return lints(candidate.findings).filter {
            !known.contains(Lint(code: $0.code, path: $0.path))
        }
    }

    /// What was signed off before needs no new judgement; who signed is told as far as the file still
    /// shows it.
    private func again(
        _ candidate: PolicyRevision, _ accepted: AcceptedRevision, _ lock: LockStatus,
        at now: Timestamp
    ) -> Verdict {
        // It stays by its author alone until the file has the signature of another person.
        let alone = accepted.basis.isAuthorAlone ? accepted.basis : nil
        let found = try? signOffs?.judge(
            candidate.signOff, of: candidate.identity, owners: accepted.owners,
            comparison: .equal, alone: alone, at: now)
        return Verdict(
            standing: .signed(found?.signers ?? [], found?.basis ?? accepted.basis),
            comparison: .equal, unsigned: nil, lock: lock)
    }

    private func refuseFailingTests(_ candidate: PolicyRevision) throws(RevisionRefusal) {
        let failing = runTests(candidate)
        guard failing.isEmpty else { throw .failingTests(failing) }
    }

    private func judge(
        _ candidate: PolicyRevision, _ memory: RevisionMemory, _ lock: LockStatus,
        at now: Timestamp, comparing: () -> RevisionComparison
    ) throws(RevisionRefusal) -> Verdict {
        let accepted = memory.accepted
        if let accepted, candidate.identity == accepted.identity {
            return again(candidate, accepted, lock, at: now)
        }
        let comparison = comparing()
        let sufficient: SufficientSignOff
        do throws(SignOffRefusal) {
            guard let signOffs else { throw SignOffRefusal.unsigned }
            sufficient = try signOffs.judge(
                candidate.signOff, of: candidate.identity,
                owners: accepted?.owners ?? Set(candidate.snapshot.owners),
                comparison: comparison, alone: basisAlone(signOffs.trust, memory), at: now)
        } catch {
            guard accepted == nil else { throw .signOff(error) }
            return Verdict(
                standing: .founding, comparison: comparison, unsigned: error, lock: lock)
        }
        // The first sign-off ends the founding time of the lock too.
        if case .unsigned(let problem) = lock { throw .lock(problem) }
        return Verdict(
            standing: .signed(sufficient.signers, sufficient.basis), comparison: comparison,
            unsigned: nil, lock: lock)
    }

    /// A person whose keys are all revoked still counts as enrolled: one person cannot become the only one by revoking.
    private func basisAlone(_ trust: AuthorizedKeys, _ memory: RevisionMemory) -> SignOffBasis? {
        guard memory.accepted != nil else { return .founding }
        return trust.people.count == 1 ? .single : nil
    }
}
