import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import Synchronization

/// A comparison of the waiting revision with the policy in force.
struct RevisionReading: Sendable {
    let active: RevisionKey
    let candidate: RevisionKey
    /// Is nil while it is being computed.
    var outcome: Outcome?

    struct Outcome: Sendable {
        let meaning: RevisionComparison
        let changes: [PolicyChange]
        let texts: RevisionFileDiff
        let worst: WorstCaseComparison
    }

    /// Returns true if this compares these two. A new signature does not change what a revision means.
    func isOf(_ active: PolicyRevision, _ candidate: PolicyRevision) -> Bool {
        self.active == RevisionKey(active) && self.candidate == RevisionKey(candidate)
    }
}

/// The meaning of a revision, and the text of its files.
struct RevisionKey: Hashable, Sendable {
    private let identity: RevisionIdentity
    private let bundle: Digest?

    init(_ revision: PolicyRevision) {
        identity = revision.identity
        bundle = revision.snapshot.basis.bundle
    }
}

extension PolicyQueryService {
    package func proposal(
        for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyProposal {
        guard let (candidate, active) = policies.waiting, active.snapshot.isRead(by: visibility),
            let report = policies.last, let refusal = report.refusal,
            let identity = candidate.identity.whole(hashing),
            let activeIdentity = active.identity.whole(hashing)
        else { throw .missing }
        let outcome = try await comparison(of: candidate, with: active)
        return PolicyProposal(
            digest: candidate.snapshot.digest, identity: identity,
            revision: candidate.snapshot.revision, active: active.snapshot.digest,
            activeIdentity: activeIdentity, tests: candidate.identity.tests, seen: report.at,
            refusal: PolicyReload.RefusalView(refusal), meaning: outcome.meaning.rawValue,
            changes: outcome.changes, files: Self.otherFiles(candidate.identity, active.identity),
            findings: Self.topics(in: candidate.snapshot, over: active.snapshot),
            signing: policies.progress(of: candidate, meaning: outcome.meaning),
            texts: outcome.texts, worst: outcome.worst)
    }

    /// Returns the comparison of two policies, which is computed once. Throws `busy` while another caller computes it.
    private func comparison(
        of candidate: PolicyRevision, with active: PolicyRevision
    ) async throws(PolicyReadingRefusal) -> RevisionReading.Outcome {
        let known = compared.withLock { compared in
            if let compared, compared.isOf(active, candidate) { return Optional(compared) }
            compared = RevisionReading(
                active: RevisionKey(active), candidate: RevisionKey(candidate))
            return nil
        }
        if let known {
            guard let outcome = known.outcome else { throw .busy }
            return outcome
        }
        let (gateway, hashing, now) = (gateway, hashing, gateway.clock.wall)
        do throws(PolicyReadingRefusal) {
            let outcome = try await asideOfCaller {
                RevisionReading.Outcome(
                    .compare(active.snapshot, candidate.snapshot, at: now), active, candidate,
                    hashing, at: now
                ) { gateway.trust(of: $0) }
            }
            compared.withLock { compared in
                if compared?.isOf(active, candidate) ?? false { compared?.outcome = outcome }
            }
            return outcome
        } catch {
            compared.withLock { compared in
                if compared?.isOf(active, candidate) ?? false { compared = nil }
            }
            throw error
        }
    }

    private static func otherFiles(_ new: RevisionIdentity, _ old: RevisionIdentity) -> [String] {
        let paths = Set(new.files.keys).union(old.files.keys).sorted()
        return (new.tests == old.tests ? [] : ["tests"])
            + paths.filter { new.files[$0] != old.files[$0] }
    }

    /// Returns the findings that are new by code and path in the policy; their positions in a file may change.
    private static func topics(in new: PolicySnapshot, over old: PolicySnapshot) -> [PolicyFinding]
    {
        struct Known: Hashable {
            let code: FindingCode
            let path: String
        }
        let known = Set(old.findings.map { Known(code: $0.code, path: $0.path) })
        return new.findings.filter { !known.contains(Known(code: $0.code, path: $0.path)) }
            .map(PolicyFinding.init)
    }
}

extension RevisionReading.Outcome {
    fileprivate init(
        _ comparison: PolicyComparison, _ old: PolicyRevision, _ new: PolicyRevision,
        _ hashing: any Hashing, at now: Timestamp, trust: (AgentName) -> AgentTerms.Trust
    ) {
        let changes = comparison.differences.map { difference in
            PolicyChange(difference, amounts: new.snapshot.amounts(in: difference))
        }
        self.init(
            meaning: RevisionComparison(comparison),
            changes: PolicyChange.Direction.allCases.flatMap { direction in
                changes.filter { $0.direction == direction }
            }, texts: RevisionFileDiff(from: old.texts, to: new.texts, hashing),
            worst: WorstCaseComparison(
                of: comparison, from: old.snapshot, to: new.snapshot, at: now, trust: trust))
    }
}

extension PolicyChange {
    fileprivate init(_ difference: Difference, amounts: [String]) {
        let direction: Direction =
            switch difference.direction {
            case .narrows: .narrows
            case .widens: .widens
            case .notComparable: .notComparable
            }
        self.init(
            direction: direction, agent: difference.agent, subject: difference.subject,
            new: difference.new, old: difference.old, witness: difference.witness,
            amounts: amounts, time: difference.time, stage: difference.stage?.rawValue,
            notes: difference.circumstances + difference.notes)
    }
}
