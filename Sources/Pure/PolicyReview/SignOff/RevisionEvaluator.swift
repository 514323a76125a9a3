package import InterlockModel
package import InterlockPolicy

/// Decides whether a revision takes effect (docs/specs/policy.md, section 6.3). It is pure, so that every
/// refusal can be tested.
package struct RevisionEvaluator: Sendable {
    package typealias Compare =
        @Sendable (_ old: PolicyRevision, _ new: PolicyRevision) -> RevisionDifference
    /// Runs the folder's own tests.
    package typealias RunTests = @Sendable (PolicyRevision) -> TestRun

    package struct TestRun: Sendable, Hashable {
        /// The names of the tests that pass.
        package let passed: [String]
        /// The tests that fail, each with its reasons.
        package let failing: [String]

        package init(passed: [String] = [], failing: [String]) {
            self.passed = passed
            self.failing = failing
        }
    }

    package struct Verdict: Sendable {
        package let status: RevisionStatus
        package let comparison: RevisionComparison
        /// The reason why the revision does not count as signed off, on a founding node; otherwise nil.
        package let unsigned: SignOffRefusal?
        /// The status of its lock.
        package let lock: LockStatus
        /// The calls that the revision widens; empty if it is no new one.
        package var widened: Set<RevisionProposers.Scope> = []
        /// The names of the policy's tests that passed, or nil if they were not run: a start without servers decides nothing.
        package fileprivate(set) var passedTests: [String]?
    }

    private let trust: @Sendable () -> AuthorizedKeys?
    private let verifier: any SignatureVerifier
    private let passkeys: EnrolledPasskeyVerifier?
    private let compare: Compare
    private let runTests: RunTests

    /// - Parameters:
    ///   - trust: is called at each evaluation; returns nil while the file cannot be read, so that no
    ///     signature counts.
    ///   - passkeys: the verifier of passkeys, or nil if signing by passkey is not configured.
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
    private var locks: LockVerifier? { trust().map { LockVerifier(trust: $0, verifier: verifier) } }

    /// Evaluates a revision at start, when nothing is in force: lint errors hold their agents instead of
    /// refusing the revision, and one that was signed off before is accepted again.
    package func start(
        _ candidate: PolicyRevision, memory: RevisionMemory, at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        let lock = try lockStatus(of: candidate, memory: memory, at: now)
        let passed = try runTests(of: candidate)
        var verdict = try judge(candidate, memory, lock, at: now) {
            RevisionDifference(.notComparable)
        }
        verdict.passedTests = passed
        return verdict
    }

    /// Evaluates a start with a lock that is not valid. No server is offered, so nothing is decided under
    /// the policy, which must still be the one that was signed off.
    ///
    /// - Parameter candidate: the revision, compiled without its lock.
    package func startWithoutServers(
        _ candidate: PolicyRevision, _ problem: LockProblem, memory: RevisionMemory
    ) throws(RevisionRefusal) -> Verdict {
        guard let accepted = memory.accepted else {
            return Verdict(
                status: .founding, comparison: .notComparable, unsigned: .unsigned,
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
            status: .signed([], accepted.basis), comparison: .equal, unsigned: nil,
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
        let lock = try lockStatus(of: candidate, memory: memory, at: now)
        // A revision that was compiled without its lock has fewer lints, so new lints cannot be found by
        // comparing.
        let lints = isRefused ? [] : Self.newLints(of: candidate.snapshot, over: active.snapshot)
        guard lints.isEmpty else { throw .newLints(lints) }
        let passed = try runTests(of: candidate)
        var verdict = try judge(candidate, memory, lock, at: now) {
            difference(of: candidate, from: active, memory.accepted)
        }
        verdict.passedTests = passed
        return verdict
    }

    /// Verifies the signatures of a revision again that was found acceptable earlier. Its tests and its comparison depend
    /// on nothing that changes, so they are not repeated.
    ///
    /// - Parameters:
    ///   - verdict: the verdict on this revision under the same memory.
    ///   - now: credentials that have expired or were revoked by then do not count.
    /// - Throws: if the signatures no longer suffice, or suffice only for a founding node and sufficed before for more.
    package func confirm(
        _ verdict: Verdict, on candidate: PolicyRevision, memory: RevisionMemory, at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        // No server is offered, and no signature has counted but those of the time when the revision was accepted.
        if case .refused = verdict.lock { return verdict }
        var again: Verdict
        do throws(RevisionRefusal) {
            let lock = try lockStatus(of: candidate, memory: memory, at: now)
            again = try judge(candidate, memory, lock, at: now) {
                RevisionDifference(verdict.comparison, widened: verdict.widened)
            }
        } catch { throw .stale(.signOff) }
        if again.status.isFounding, !verdict.status.isFounding { throw .stale(.signOff) }
        if case .signed = verdict.lock, case .unsigned = again.lock { throw .stale(.signOff) }
        again.passedTests = verdict.passedTests
        return again
    }

    /// The status of the candidate's lock. An unsigned lock is accepted only on a founding node. One that
    /// was in force signed is accepted even if its signatures no longer count, because keys expire.
    package func lockStatus(
        of candidate: PolicyRevision, memory: RevisionMemory, at now: Timestamp
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

    /// Compares with the revision in force. A revision that was not signed off is not comparable, and
    /// neither are changed files of other parts, whose meaning is unknown here.
    private func difference(
        of candidate: PolicyRevision, from active: PolicyRevision, _ accepted: AcceptedRevision?
    ) -> RevisionDifference {
        guard Self.isComparable(candidate, with: active, accepted) else {
            return RevisionDifference(.notComparable)
        }
        return compare(active, candidate)
    }

    private static func isComparable(
        _ candidate: PolicyRevision, with active: PolicyRevision, _ accepted: AcceptedRevision?
    ) -> Bool {
        accepted?.identity == active.identity && candidate.identity.files == active.identity.files
    }

    /// The progress of the sign-off of a revision that is not in force.
    ///
    /// - Parameter meaning: the result of comparing the two policies. It is replaced by not comparable if
    ///   the revisions cannot be compared.
    /// - Returns: nil while signatures cannot be verified.
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
            alone: signOffs.basisAlone(isFirst: memory.accepted == nil), at: now)
    }

    /// The lint errors that are new, by code and path, because their positions in a file may change.
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

    /// Accepts a revision that was signed off before without a new evaluation. The signers are stated as
    /// far as the file still shows them.
    private func again(
        _ candidate: PolicyRevision, _ accepted: AcceptedRevision, _ lock: LockStatus,
        at now: Timestamp
    ) -> Verdict {
        // The basis stays the author alone until the file has the signature of another person.
        let alone = accepted.basis.isAuthorAlone ? accepted.basis : nil
        let found = try? signOffs?.judge(
            candidate.signOff, of: candidate.identity, owners: accepted.owners,
            comparison: .equal, alone: alone, at: now)
        return Verdict(
            status: .signed(found?.signers ?? [], found?.basis ?? accepted.basis),
            comparison: .equal, unsigned: nil, lock: lock)
    }

    /// - Returns: the names of the tests, all of which pass.
    private func runTests(of candidate: PolicyRevision) throws(RevisionRefusal) -> [String] {
        let run = runTests(candidate)
        guard run.failing.isEmpty else { throw .failingTests(run.failing) }
        return run.passed
    }

    private func judge(
        _ candidate: PolicyRevision, _ memory: RevisionMemory, _ lock: LockStatus,
        at now: Timestamp, comparing: () -> RevisionDifference
    ) throws(RevisionRefusal) -> Verdict {
        let accepted = memory.accepted
        if let accepted, candidate.identity == accepted.identity {
            return again(candidate, accepted, lock, at: now)
        }
        let difference = comparing()
        let comparison = difference.comparison
        let sufficient: SufficientSignOff
        do throws(SignOffRefusal) {
            guard let signOffs else { throw SignOffRefusal.unsigned }
            sufficient = try signOffs.judge(
                candidate.signOff, of: candidate.identity,
                owners: accepted?.owners ?? Set(candidate.snapshot.owners),
                comparison: comparison, alone: signOffs.basisAlone(isFirst: memory.accepted == nil),
                at: now)
        } catch {
            guard accepted == nil else { throw .signOff(error) }
            return Verdict(status: .founding, comparison: comparison, unsigned: error, lock: lock)
        }
        // The first sign-off also ends the founding time of the lock.
        if case .unsigned(let problem) = lock { throw .lock(problem) }
        return Verdict(
            status: .signed(sufficient.signers, sufficient.basis), comparison: comparison,
            unsigned: nil, lock: lock, widened: difference.widened)
    }
}
