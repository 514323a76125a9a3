package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPolicyReview
import InterlockPorts
import Synchronization

/// Puts revisions of the policy in force, one at a time: it reads and stages, then activates and swaps.
///
/// If a step before the swap fails, the old policy stays in force, and an alert names both.
package final class PolicyService: Sendable {
    package enum Cause: String, Sendable {
        case start, folder, request
        /// SIGHUP.
        case signal = "reload"
    }

    private struct State {
        var active: PolicyRevision
        var status: RevisionStatus
        var memory: RevisionMemory
        var lock: LockStatus
        /// The reason why the active revision does not count as signed off, on a founding node.
        var unsigned: SignOffRefusal?
        /// The key of the files that were read last, so that an event of the folder without a change has no effect.
        var seen: Digest
        var last: ReloadReport?
        /// The revision that was refused last, if it compiles.
        var waiting: PolicyRevision?
    }

    private let state: Mutex<State>
    private let gate = AsyncGate()
    private let gateway: Gateway
    private let approvals: ApprovalService
    private let source: any PolicySource
    private let judge: RevisionEvaluator
    private let loading: PolicyLoading
    private let prepare: RevisionPreparation?
    /// Updates what else depends on the policy: servers, elevations. Called once, after each swap.
    private let follow: @Sendable (PolicyRevision) async -> Void

    /// - Parameters:
    ///   - started: the result of `PolicyLoading.start`; the gateway's policy holder has its snapshot.
    ///   - prepare: makes ready what takes effect in the same step as a revision.
    ///   - follow: updates what follows a revision that is in force; it cannot keep it from being so.
    package init(
        gateway: Gateway, approvals: ApprovalService, started: StartedPolicy,
        source: any PolicySource, judge: RevisionEvaluator, loading: PolicyLoading,
        prepare: RevisionPreparation? = nil,
        follow: @escaping @Sendable (PolicyRevision) async -> Void
    ) {
        state = Mutex(
            State(
                active: started.revision, status: started.verdict.status,
                memory: started.memory, lock: started.verdict.lock,
                unsigned: started.verdict.unsigned, seen: started.key))
        self.gateway = gateway
        self.approvals = approvals
        self.source = source
        self.judge = judge
        self.loading = loading
        self.prepare = prepare
        self.follow = follow
        approvals.exclude(started.memory.accepted?.proposers ?? RevisionProposers())
    }

    package var active: PolicyRevision { state.withLock { $0.active } }
    package var status: RevisionStatus { state.withLock { $0.status } }
    package var lock: LockStatus { state.withLock { $0.lock } }
    /// Is nil before the first reload.
    package var last: ReloadReport? { state.withLock { $0.last } }
    /// The revision on disk that is not in force, if it compiles, and the one that is. A person who may read the whole
    /// policy in force may also read the waiting one, in order to review it.
    var waiting: (candidate: PolicyRevision, active: PolicyRevision)? {
        state.withLock { state in state.waiting.map { ($0, state.active) } }
    }
    /// The revision that people review and sign: the one that waits on disk, otherwise the one in force while none was
    /// ever signed off here. Those who may read it are the same.
    var inReview: RevisionInReview? {
        let state = state.withLock { $0 }
        if let candidate = state.waiting, let last = state.last, let refusal = last.refusal {
            return RevisionInReview(
                candidate: candidate, active: state.active, isFirst: false, refusal: refusal,
                seen: last.at)
        }
        guard state.status.isFounding else { return nil }
        return RevisionInReview(
            candidate: state.active, active: state.active, isFirst: true,
            refusal: firstRefusal(state), seen: state.active.snapshot.basis.compiled)
    }

    /// True if there is a revision to review, without the reason for it.
    var hasRevisionInReview: Bool { state.withLock { $0.waiting != nil || $0.status.isFounding } }

    /// The reason why the revision in force does not count as signed off. Only if it is about its signatures may they
    /// be added: signatures next to other files, or over a lock that no person has signed, would be refused at the next
    /// reload, and at a start they would leave the node without servers.
    private func firstRefusal(_ state: State) -> RevisionRefusal {
        if let refusal = state.last?.refusal { return refusal }
        if let problem = state.active.snapshot.lockProblem { return .lock(problem) }
        do throws(RevisionRefusal) {
            let lock = try judge.lockStatus(
                of: state.active, memory: state.memory, at: gateway.clock.wall)
            if case .unsigned(let problem) = lock { return .lock(problem) }
        } catch { return error }
        return .signOff(state.unsigned ?? .unsigned)
    }

    /// Returns true if this very revision is in force and was signed off: one that is in force on a founding node was not.
    func isSignedOff(_ identity: RevisionIdentity) -> Bool {
        state.withLock { $0.active.identity == identity && !$0.status.isFounding }
    }

    /// - Returns: nil if the cause is a change of the folder that left the files the same.
    @discardableResult
    package func reload(_ cause: Cause) async -> ReloadReport? {
        await gate.enter()
        defer { gate.leave() }
        let now = gateway.clock.wall
        let found = source.read(at: now)
        let before = state.withLock { state in
            defer { state.seen = found.key }
            return state
        }
        if cause == .folder, found.key == before.seen { return nil }
        let report: ReloadReport
        var waiting: PolicyRevision?
        do throws(RevisionRefusal) {
            let staged = try stage(found)
            let verdict = try await activate(staged, cause)
            report = ReloadReport(at: now, active: staged.revision, verdict: verdict)
        } catch {
            waiting = try? found.revision.get()
            report = ReloadReport(
                at: now, active: before.active, candidate: waiting, key: found.key, refusal: error)
            note(report, error)
        }
        state.withLock { state in
            state.last = report
            state.waiting = waiting
        }
        return report
    }

    /// Stages what was read, over the revision in force. The caller holds the gate until it is activated or dropped.
    func stage(_ found: RevisionOnDisk) throws(RevisionRefusal) -> StagedPolicy {
        let before = state.withLock { $0 }
        return try loading.stage(
            found, judge, over: before.active, memory: before.memory, at: gateway.clock.wall,
            prepare: prepare)
    }

    /// Puts a staged revision in force: recorded, then swapped. The caller holds the gate.
    ///
    /// - Throws: `stale`, or that it could not be recorded; the old policy then stays in force.
    @discardableResult
    func activate(
        _ staged: StagedPolicy, _ cause: Cause
    ) async throws(RevisionRefusal) -> RevisionEvaluator.Verdict {
        let old = state.withLock { $0.active.snapshot.lock }
        let active = try await loading.activate(
            staged, judge, key: source.key(), over: old, why: cause.rawValue,
            at: gateway.clock.wall)
        // The revision is durable now: if the process dies here, it starts with it.
        state.withLock { state in
            state.active = staged.revision
            state.status = active.verdict.status
            state.memory = active.memory
            state.lock = active.verdict.lock
            state.unsigned = active.verdict.unsigned
        }
        approvals.exclude(active.memory.accepted?.proposers ?? RevisionProposers())
        await swap(to: staged.revision, active.verdict.status, with: staged.effect)
        if active.isOlder { gateway.raiseOlderPolicy() }
        return active.verdict
    }

    /// Returns the progress of the sign-off of the waiting revision, or nil while no signature can be verified.
    ///
    /// - Parameter meaning: the result of its comparison with the policy in force.
    func progress(of candidate: PolicyRevision, meaning: RevisionComparison) -> SignOffProgress? {
        let state = state.withLock { $0 }
        return judge.progress(
            of: candidate, over: state.active, memory: state.memory, meaning: meaning,
            at: gateway.clock.wall)
    }

    /// The revision that only a sign-off keeps from being in force, since when, and who has signed it. Is nil if there is
    /// none, or while no signature can be verified. The number of people who must sign takes a comparison and is not
    /// stated here.
    var waitsForSignOff: (digest: Digest, seen: Timestamp, signing: SignOffProgress)? {
        guard let candidate = waiting?.candidate, let last, case .signOff = last.refusal,
            let signing = progress(of: candidate, meaning: .notComparable)
        else { return nil }
        return (candidate.snapshot.digest, last.at, signing)
    }

    /// The revision in force while none was ever signed off, since when, and who has signed it. Is nil after the first
    /// sign-off, or while no signature can be verified.
    var waitsForFirstSignOff: (digest: Digest, seen: Timestamp, signing: SignOffProgress)? {
        let (active, status) = state.withLock { ($0.active, $0.status) }
        guard status.isFounding, let signing = progress(of: active, meaning: .notComparable)
        else { return nil }
        return (active.snapshot.digest, active.snapshot.basis.compiled, signing)
    }

    /// Decides the open requests of these groups again under the policy in force, after seats were passed or came back, or
    /// those of all groups, after the stage of an agent changed.
    package func redecideOpen(of groups: [String]?) async {
        await gate.enter()
        defer { gate.leave() }
        let (gateway, snapshot) = (gateway, gateway.policy.snapshot)
        await approvals.redecide(
            under: snapshot, after: snapshot,
            elevations: gateway.elevations.compiled(under: snapshot), groups: groups
        ) { gateway.stage(of: $0, in: snapshot) }
    }

    private func swap(
        to revision: PolicyRevision, _ status: RevisionStatus, with effect: @Sendable () -> Void
    ) async {
        let old = gateway.policy.snapshot
        let snapshot = revision.snapshot
        gateway.limits.expect(snapshot, after: old)
        await gateway.ports.evals.expect(snapshot, after: old)
        gateway.policy.swap(to: snapshot, isFounding: status.isFounding, with: effect)
        if status.isFounding { gateway.raiseUnsignedPolicy() }
        await follow(revision)
        do throws(StoreFailure) {
            try await gateway.limits.learn(under: snapshot, after: old)
        } catch { gateway.raise(alarm: "limits.unknown", subject: error.reason) }
        let gateway = gateway
        await approvals.redecide(
            under: snapshot, after: old, elevations: gateway.elevations.compiled(under: snapshot)
        ) { gateway.stage(of: $0, in: snapshot) }
        gateway.tellChanges()
        gateway.ports.log(LogLine("policy \(snapshot.digest.prefixed) in force", part: "policy"))
    }

    /// Records a revision that is not put in force. One that waits for signatures is work for the people who sign, not an
    /// alarm; every other refusal is one.
    private func note(_ report: ReloadReport, _ refusal: RevisionRefusal) {
        let active = gateway.policy.snapshot
        guard case .signOff = refusal, let candidate = report.candidate else {
            gateway.ports.log(
                LogLine("the old policy stays: \(refusal)", .warning, part: "policy"))
            return gateway.raise(
                alarm: "policy.reload_refused", subject: active.digest.prefixed,
                fields: ["pol": .string(active.digestText)], detail: report.json)
        }
        gateway.ports.log(
            LogLine("the old policy stays until the new one is signed: \(refusal)", part: "policy"))
        gateway.ledger.note(
            gateway.records.record(
                .policyProposed, run: nil,
                fields: [
                    "pol": .string(active.digestText), "cand": .string(candidate.base64),
                ], sealing: [("detail", report.json.serialized())]))
    }
}

/// A revision for people to review, with the reason why it is not signed off or not in force.
struct RevisionInReview: Sendable {
    let candidate: PolicyRevision
    /// The revision in force; the candidate itself if `isFirst`.
    let active: PolicyRevision
    /// True if the candidate is in force, and no revision was ever signed off here.
    let isFirst: Bool
    /// `signOff` if only signatures are missing.
    let refusal: RevisionRefusal
    let seen: Timestamp
}

/// The policy folder and the files that belong to it, as one revision.
package protocol PolicySource: Sendable {
    /// Reads all files again. May block while files are read; never called on the call path.
    func read(at now: Timestamp) -> RevisionOnDisk
    /// Reads the bytes of all files again and compiles nothing. May block while files are read.
    ///
    /// - Returns: the key that `read` would state now.
    func key() -> Digest
}

/// A revision read from disk.
package struct RevisionOnDisk: Sendable {
    /// The SHA-256 of every byte that was read: the same key is the same revision, even if it cannot be compiled.
    package let key: Digest
    package let revision: Result<PolicyRevision, RevisionRefusal>
    /// The policy's files as `PolicyBundle` writes them; empty if they could not be read.
    package let bundle: [UInt8]
    /// Compiles the same files as if there were no lock, with no server offered: a start falls back to this if the lock
    /// is not valid. Is nil if nothing can be compiled anyway.
    package let withoutServers: (@Sendable (LockProblem) -> RevisionOnDisk)?

    package init(
        key: Digest, revision: Result<PolicyRevision, RevisionRefusal>, bundle: [UInt8],
        withoutServers: (@Sendable (LockProblem) -> RevisionOnDisk)? = nil
    ) {
        self.key = key
        self.revision = revision
        self.bundle = bundle
        self.withoutServers = withoutServers
    }
}

extension Gateway {
    /// Raises the alert that the policy in force has no sign-off, so that any program that can write its files decides
    /// what agents may do. Called at each start and reload that leaves such a policy in force.
    package func raiseUnsignedPolicy() {
        let digest = policy.snapshot.digest.prefixed
        raise(
            alarm: "policy.unsigned", subject: digest,
            fields: ["pol": .string(policy.snapshot.digestText)])
    }

    /// Raises the alert that a revision that was in force before is in force again. Its signatures are still valid, so
    /// anyone who can write the files can restore it.
    package func raiseOlderPolicy() {
        raise(
            alarm: "policy.older", subject: policy.snapshot.digest.prefixed,
            fields: ["pol": .string(policy.snapshot.digestText)])
    }
}
