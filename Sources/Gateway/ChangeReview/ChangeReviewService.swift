package import InterlockAdministration
package import InterlockApprovals
package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
package import InterlockSandboxes
package import InterlockWorkspace
import Synchronization

/// Shows people what a run changed, takes their signed approvals of flagged changes, and records what a command applies
/// (docs/specs/sandbox.md, section 6). It changes no project: `interlock workspace apply` does.
///
/// INVARIANT: an approval counts for exactly the changes whose digest was signed, until it ends, and for one apply. Kept
/// by `ChangeReviewTests`.
package final class ChangeReviewService: Sendable {
    let gateway: Gateway
    package let sandboxes: SandboxService
    let store: any ChangeReviewStore
    let people: AuthorizedKeysHolder
    let hashing: any Hashing
    private let verifier: any SignatureVerifier
    private let passkeys: PeoplePasskeys?
    let orders: DatedOrderService<WorkspaceApprovalContent>
    /// The runs that wait, as the store has them.
    let waiting = Mutex<[RunID: (review: PendingReview, agent: AgentName)]>([:])
    /// Held while approvals of a run are added or spent, so that none is lost or spent twice.
    private let approving = Mutex<Set<RunID>>([])
    /// Makes open pages look at the inbox again.
    let notice: @Sendable () -> Void

    /// The most approvals of one run that wait.
    static let mostApprovals = 32
    /// The most runs with pending reviews that are listed.
    static let mostWaiting = 500

    package init(
        gateway: Gateway, sandboxes: SandboxService, store: any ChangeReviewStore,
        people: AuthorizedKeysHolder, verifier: any SignatureVerifier, passkeys: PeoplePasskeys?,
        hashing: any Hashing, notice: @escaping @Sendable () -> Void = {}
    ) {
        self.gateway = gateway
        self.notice = notice
        self.sandboxes = sandboxes
        self.store = store
        self.people = people
        self.hashing = hashing
        self.verifier = verifier
        self.passkeys = passkeys
        orders = DatedOrderService(
            gateway: gateway, people: people, verifier: verifier, passkeys: passkeys,
            hashing: hashing)
    }

    /// The people who may approve flagged changes of the agent, under the policy in force.
    func approvers(of agent: AgentName) -> WorkspaceApprovers {
        guard let entry = gateway.policy.snapshot.agents[agent] else {
            return WorkspaceApprovers(members: [], owner: nil, ownerCounts: false, tier: .high)
        }
        let now = gateway.clock.wall
        return WorkspaceApprovers(
            members: entry.members, owner: entry.owner,
            ownerCounts: entry.ownerVotesUntil.map { now < $0 } ?? false, tier: entry.tier)
    }

    /// Drafts an approval in the name of `author`, for a passkey to sign.
    ///
    /// - Parameters:
    ///   - paths: select the changes; all are selected if there is none.
    ///   - lasting: the time for which it counts, at most a day.
    package func draft(
        of run: RunID, _ paths: [WorkspacePath], lasting: Duration, because reason: String,
        by author: PersonSession, _ visibility: Visibility
    ) throws(WorkspaceApprovalRefusal) -> OrderDraft {
        let agent = try agent(of: run, for: author.person, visibility)
        if let exclusion = approvers(of: agent).exclusion(of: author.person) {
            throw .notApprover(exclusion)
        }
        let diff = try read(run)
        let plan: ApplyPlan
        do throws(ApplyRefusal) {
            plan = try ApplyPlan(diff, ApplySelection(reviewing: paths))
        } catch { throw .nothingToApprove(error.message) }
        guard !plan.flagged.isEmpty else {
            throw .nothingToApprove("no selected change has a flag")
        }
        return try orders.draft(
            WorkspaceApprovalContent(
                run: run, base: diff.base, entries: plan.flagged.digest(hashing),
                count: plan.flagged.count, flags: plan.flags.map(\.rawValue),
                until: gateway.clock.wall + min(lasting, WorkspaceApprovalContent.longest)),
            because: reason, by: author.pseudonym)
    }

    /// Takes a signed approval: it is on record, and stored, on return. It applies nothing.
    package func take(
        _ envelope: Envelope
    ) async throws(WorkspaceApprovalRefusal) -> WorkspaceApproval {
        let accepted = try await orders.accept(envelope)
        let (order, now) = (accepted.order, gateway.clock.wall)
        let content = order.content
        guard now < content.until, content.until <= order.at + WorkspaceApprovalContent.longest
        else { throw .staleOrder }
        let agent = try agent(of: content.run)
        try check(accepted, as: approvers(of: agent), at: now)
        try await orders.count(accepted)
        try await exclusively(content.run) { () async throws(WorkspaceApprovalRefusal) in
            var envelopes = try stored(content.run).filter { !isOver($0, at: now) }
            guard envelopes.count < Self.mostApprovals else { throw .tooMany }
            envelopes.append(envelope)
            try await record(accepted)
            // An approval that is not in the file counts for nothing, and the person signs again.
            try keep(envelopes, of: content.run)
        }
        return order
    }

    /// Records that changes are applied, once for the approvals that it needs; durable on return.
    package func decide(
        _ decision: WorkspaceApplyRequest, of run: RunID
    ) async throws(WorkspaceApprovalRefusal) {
        guard let flagged = decision.flagged else {
            return try await recorded { () async throws(SandboxRefusal) in
                try await sandboxes.record(decision, of: run)
            }
        }
        let agent = try agent(of: run)
        try await exclusively(run) { () async throws(WorkspaceApprovalRefusal) in
            let all = try stored(run)
            let counting = counting(
                all, of: run, base: decision.changes.base, flagged, decision.approved,
                by: approvers(of: agent))
            let need = approvers(of: agent).need
            guard counting.count >= need else {
                throw .unapproved(have: counting.count, need: need)
            }
            let isByPasskey = counting.contains { $0.signatures[0].passkey != nil }
            guard isByPasskey || need == 1 || passkeys == nil else { throw .needsPasskey }
            // Spent before the changes are on record as applied: a crash in between loses them, and none counts twice.
            let left = all.filter { envelope in
                (try? WorkspaceApproval(envelope))?.content.entries != flagged.digest
            }
            try keep(left, of: run)
            try await recorded { () async throws(SandboxRefusal) in
                try await sandboxes.record(
                    decision, of: run,
                    approvedBy: counting.map { (order: $0.order.id, person: $0.signer) })
            }
        }
        end(run)
    }

    /// Returns the approvals that count now for exactly these changes, each by a different person.
    func counting(
        _ envelopes: [Envelope], of run: RunID, base: Digest, _ flagged: StatedFlagged,
        _ flags: [String], by approvers: WorkspaceApprovers
    ) -> [VerifiedWorkspaceApproval] {
        guard let trust = people.trust else { return [] }
        let now = gateway.clock.wall
        let judge = SignedOrderVerifier(
            trust: trust, verifier: verifier, passkeys: passkeys?.judge(hashing))
        var found: [VerifiedWorkspaceApproval] = []
        for envelope in envelopes {
            guard let order = try? judge.verify(envelope, as: WorkspaceApproval.self, .again(now)),
                isApproval(order.order.content, of: run, base, flagged, flags),
                now < order.order.content.until,
                (try? check(order, as: approvers, at: now)) != nil,
                !found.contains(where: { $0.signer == order.signer })
            else { continue }
            found.append(order)
        }
        return found
    }

    private func isApproval(
        _ content: WorkspaceApprovalContent, of run: RunID, _ base: Digest,
        _ flagged: StatedFlagged, _ flags: [String]
    ) -> Bool {
        content.run == run && content.base == base && content.entries == flagged.digest
            && content.count == flagged.count
            && content.flags.sorted() == flags.sorted()
    }

    /// - Throws: `notApprover`, or `tooNew` at tier high.
    private func check(
        _ accepted: VerifiedWorkspaceApproval, as approvers: WorkspaceApprovers, at now: Timestamp
    ) throws(WorkspaceApprovalRefusal) {
        if let exclusion = approvers.exclusion(of: accepted.person.person) {
            throw .notApprover(exclusion)
        }
        guard approvers.tier == .high, let end = firstUse(of: accepted, at: now) else { return }
        throw .tooNew(end)
    }

    /// Returns the end of the time in which a new credential does not count at tier high; nil if it counts.
    private func firstUse(
        of accepted: VerifiedWorkspaceApproval, at now: Timestamp
    ) -> Timestamp? {
        let signature = accepted.signatures[0]
        let added: Timestamp?
        if let passkey = signature.passkey {
            let enrolled = people.book?.passkeys[passkey.id]
            added = enrolled?.founding == true ? nil : enrolled?.added
        } else {
            let key = accepted.person.keys.first { $0.key == signature.signature.key }
            added = key?.founding == true ? nil : key?.added
        }
        guard let end = added.map({ $0 + VoteVerifier.waitAtTierHigh }) else { return nil }
        return now < end ? end : nil
    }

    private func isOver(_ envelope: Envelope, at now: Timestamp) -> Bool {
        guard let order = try? WorkspaceApproval(envelope) else { return true }
        return now >= order.content.until
    }

    private func record(
        _ accepted: VerifiedWorkspaceApproval
    ) async throws(WorkspaceApprovalRefusal) {
        let content = accepted.order.content
        try await recorded { () async throws(SandboxRefusal) in
            try await sandboxes.recordApproval(
                [
                    "base": .string(content.base.base64), "cnt": .integer(Int64(content.count)),
                    "sum": .string(content.entries.base64),
                    "flags": .array(content.flags.map(JSONValue.string)),
                    "until": .integer(content.until.microseconds),
                    "by": .string(accepted.signer.text), "req": .string(accepted.order.id.text),
                ], order: accepted.evidence, of: content.run)
        }
    }

    /// - Throws: `tooMany` while another request works on the approvals of the run.
    private func exclusively(
        _ run: RunID, _ work: () async throws(WorkspaceApprovalRefusal) -> Void
    ) async throws(WorkspaceApprovalRefusal) {
        guard approving.withLock({ $0.insert(run).inserted }) else { throw .tooMany }
        defer { _ = approving.withLock { $0.remove(run) } }
        try await work()
    }
}
