package import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import Synchronization

/// A comparison of the revision in review with the policy in force, or of the first one with no policy.
struct RevisionReading: Sendable {
    /// Is nil for the first revision.
    let active: RevisionKey?
    let candidate: RevisionKey
    /// Is nil while it is being computed.
    var outcome: Outcome?

    struct Outcome: Sendable {
        let meaning: RevisionComparison
        let changes: [PolicyChange]
        let texts: RevisionFileDiff
        let worst: WorstCaseComparison
    }

    /// A new signature does not change what a revision means.
    init(of reviewed: RevisionInReview) {
        active = reviewed.isFirst ? nil : RevisionKey(reviewed.active)
        candidate = RevisionKey(reviewed.candidate)
    }

    /// Returns true if this compares the same two.
    func isOf(_ other: RevisionReading) -> Bool {
        active == other.active && candidate == other.candidate
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
        guard let reviewed = policies.inReview,
            reviewed.active.snapshot.isRead(by: visibility),
            let identity = reviewed.candidate.identity.whole(hashing),
            let activeIdentity = reviewed.active.identity.whole(hashing)
        else { throw .missing }
        let (candidate, active) = (reviewed.candidate, reviewed.active)
        // The first revision is compared with no policy, since what is in force is itself.
        let base = reviewed.isFirst ? nil : active
        let outcome = try await comparison(of: reviewed)
        return PolicyProposal(
            digest: candidate.snapshot.digest, identity: identity,
            revision: candidate.snapshot.revision, active: active.snapshot.digest,
            activeIdentity: activeIdentity, tests: candidate.identity.tests, seen: reviewed.seen,
            refusal: PolicyReload.RefusalView(reviewed.refusal), meaning: outcome.meaning.rawValue,
            changes: outcome.changes, files: Self.otherFiles(candidate.identity, base?.identity),
            findings: Self.topics(in: candidate.snapshot, over: base?.snapshot),
            signing: policies.progress(of: candidate, meaning: outcome.meaning),
            texts: outcome.texts, worst: outcome.worst, isFirst: reviewed.isFirst,
            lock: candidate.lock, signedFiles: candidate.identity.files.map { ($0.key, $0.value) })
    }

    /// Returns the comparison, which is computed once. Throws `busy` while another caller computes it.
    private func comparison(
        of reviewed: RevisionInReview
    ) async throws(PolicyReadingRefusal) -> RevisionReading.Outcome {
        let reading = RevisionReading(of: reviewed)
        let known = compared.withLock { compared in
            if let compared, compared.isOf(reading) { return Optional(compared) }
            compared = reading
            return nil
        }
        if let known {
            guard let outcome = known.outcome else { throw .busy }
            return outcome
        }
        let (gateway, hashing, now) = (gateway, hashing, gateway.clock.wall)
        do throws(PolicyReadingRefusal) {
            let outcome = try await asideOfCaller {
                RevisionReading.Outcome(of: reviewed, hashing, at: now) { gateway.trust(of: $0) }
            }
            compared.withLock { compared in
                if compared?.isOf(reading) ?? false { compared?.outcome = outcome }
            }
            return outcome
        } catch {
            compared.withLock { compared in
                if compared?.isOf(reading) ?? false { compared = nil }
            }
            throw error
        }
    }

    private static func otherFiles(_ new: RevisionIdentity, _ old: RevisionIdentity?) -> [String] {
        let known = old?.files ?? [:]
        let paths = Set(new.files.keys).union(known.keys).sorted()
        return (new.tests == old?.tests ? [] : ["tests"])
            + paths.filter { new.files[$0] != known[$0] }
    }

    /// Returns the findings that are new by code and path in the policy; their positions in a file may change.
    private static func topics(in new: PolicySnapshot, over old: PolicySnapshot?) -> [PolicyFinding]
    {
        struct Known: Hashable {
            let code: FindingCode
            let path: String
        }
        let known = Set((old?.findings ?? []).map { Known(code: $0.code, path: $0.path) })
        return new.findings.filter { !known.contains(Known(code: $0.code, path: $0.path)) }
            .map(PolicyFinding.init)
    }
}

extension RevisionReading.Outcome {
    fileprivate init(
        of reviewed: RevisionInReview, _ hashing: any Hashing, at now: Timestamp,
        trust: (AgentName) -> AgentTerms.Trust
    ) {
        let (isFirst, new) = (reviewed.isFirst, reviewed.candidate)
        // The worst case of an agent that is not in a policy is that it can do nothing.
        let old =
            isFirst ? new.snapshot.asOf(now, only: []) : reviewed.active.snapshot
        let comparison: PolicyComparison =
            isFirst ? .first(new.snapshot) : .compare(old, new.snapshot, at: now)
        let changes = comparison.differences.map { difference in
            PolicyChange(difference, amounts: new.snapshot.amounts(in: difference))
        }
        self.init(
            meaning: RevisionComparison(comparison),
            changes: PolicyChange.Direction.allCases.flatMap { direction in
                changes.filter { $0.direction == direction }
            },
            texts: RevisionFileDiff(
                from: isFirst ? nil : reviewed.active.texts, to: new.texts, hashing),
            worst: WorstCaseComparison(
                of: comparison, from: old, to: new.snapshot, at: now, trust: trust))
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
