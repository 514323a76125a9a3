package import InterlockModel

/// Whether a revision goes live (specs of the policy, 6.3): pure, so that every refusal can be tried.
package struct RevisionJudge: Sendable {
    package typealias Compare =
        @Sendable (_ old: PolicyRevision, _ new: PolicyRevision) -> RevisionComparison
    /// - Returns: the names of the folder's own tests that fail.
    package typealias RunTests = @Sendable (PolicyRevision) -> [String]

    package struct Verdict: Sendable {
        package let standing: RevisionStanding
        package let comparison: RevisionComparison
        /// Of a founding node: why the revision does not count as signed off.
        package let unsigned: SignOffRefusal?
    }

    /// nil while the trust file cannot be read: then no signature counts.
    private let signOffs: SignOffJudge?
    private let compare: Compare
    private let runTests: RunTests

    package init(signOffs: SignOffJudge?, compare: @escaping Compare, runTests: @escaping RunTests)
    {
        self.signOffs = signOffs
        self.compare = compare
        self.runTests = runTests
    }

    /// At start nothing is in force: lint errors hold their agents instead of refusing, and what was
    /// signed off before is taken again.
    package func start(
        _ candidate: PolicyRevision, accepted: AcceptedRevision?, at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        try refuseFailingTests(candidate)
        if let accepted, candidate.identity == accepted.identity {
            return again(candidate, accepted, at: now)
        }
        return try judge(
            candidate, accepted: accepted, comparison: .notComparable, at: now)
    }

    package func reload(
        _ candidate: PolicyRevision, over active: PolicyRevision, accepted: AcceptedRevision?,
        at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        let org = active.snapshot.org
        guard candidate.snapshot.org == org else {
            throw .otherOrganisation(found: candidate.snapshot.org, own: org)
        }
        guard candidate.lock != nil || active.lock == nil else { throw .lockIsGone }
        let lints = Self.newLints(of: candidate.snapshot, over: active.snapshot)
        guard lints.isEmpty else { throw .newLints(lints) }
        try refuseFailingTests(candidate)
        if let accepted, candidate.identity == accepted.identity {
            return again(candidate, accepted, at: now)
        }
        let comparison = comparison(of: candidate, with: active, accepted)
        return try judge(candidate, accepted: accepted, comparison: comparison, at: now)
    }

    /// What nobody signed is nothing to compare with; nor are files of other parts, whose meaning is not
    /// known here.
    private func comparison(
        of candidate: PolicyRevision, with active: PolicyRevision, _ accepted: AcceptedRevision?
    ) -> RevisionComparison {
        guard accepted?.identity == active.identity,
            candidate.identity.files == active.identity.files
        else { return .notComparable }
        return compare(active, candidate)
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
        _ candidate: PolicyRevision, _ accepted: AcceptedRevision, at now: Timestamp
    ) -> Verdict {
        let signers = try? signOffs?.signers(
            candidate.signOff, of: candidate.identity, owners: accepted.owners,
            comparison: .equal, at: now)
        return Verdict(standing: .signed(signers ?? []), comparison: .equal, unsigned: nil)
    }

    private func refuseFailingTests(_ candidate: PolicyRevision) throws(RevisionRefusal) {
        let failing = runTests(candidate)
        guard failing.isEmpty else { throw .failingTests(failing) }
    }

    private func judge(
        _ candidate: PolicyRevision, accepted: AcceptedRevision?, comparison: RevisionComparison,
        at now: Timestamp
    ) throws(RevisionRefusal) -> Verdict {
        do throws(SignOffRefusal) {
            guard let signOffs else { throw SignOffRefusal.unsigned }
            let signers = try signOffs.signers(
                candidate.signOff, of: candidate.identity,
                owners: accepted?.owners ?? Set(candidate.snapshot.owners),
                comparison: comparison, at: now)
            return Verdict(standing: .signed(signers), comparison: comparison, unsigned: nil)
        } catch {
            guard accepted == nil else { throw .signOff(error) }
            return Verdict(standing: .founding, comparison: comparison, unsigned: error)
        }
    }
}
