package import InterlockAdministration
package import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import InterlockReview
package import InterlockTrust
package import InterlockTrustStages
import Synchronization

/// The reviews of a running gateway, in memory (docs/specs/trust-and-review.md, section 9). The control log has the
/// documents and marks from which they are made again at a start.
///
/// INVARIANT: a sign-off acts only after its record and its entry are durable, and the time never runs back. Kept by
/// `ReviewServiceTests`, `ReviewLadderTests`.
package final class ReviewRegistry: AgentReviews, ReviewStatusReader {
    /// Returns the authorized keys, or nil while they cannot be read.
    package typealias KeySource = @Sendable () -> AuthorizedKeys?

    private let state: Mutex<RegisteredReviews>
    /// The view that calls read. It is made of `state`, under its lock.
    private let seen = Mutex<[AgentName: AgentReview]>([:])
    /// The latest time that was seen: what was due stays so if the clock is set back.
    private let newest: Mutex<Timestamp>
    /// Held while something is appended to the control log.
    private let gate = AsyncGate()
    private let log: any ControlLog
    private let trust: KeySource
    private let clock: any Clock
    let hashing: any Hashing
    let verifier: any SignatureVerifier
    /// Is nil if no passkey can sign here.
    let passkeys: EnrolledPasskeyVerifier?
    /// The numbers of the entries that were not taken at the start.
    let ignored: [Int64]

    /// Reads the entries of the control log.
    ///
    /// - Parameters:
    ///   - policy: the policy with which the gateway starts.
    ///   - stages: the demotions of agents, which count from the start on.
    ///   - seen: the latest time that the audit log states; nil if it has no record.
    package init(
        from log: any ControlLog, under policy: PolicySnapshot, stages: TrustStageRegistry,
        seen: Timestamp?, trust: @escaping KeySource, clock: any Clock, hashing: any Hashing,
        verifier: any SignatureVerifier, passkeys: EnrolledPasskeyVerifier? = nil
    ) async throws(ControlLogFailure) {
        self.log = log
        self.trust = trust
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        self.passkeys = passkeys
        let entries = try await ReviewEntries(
            log, trust(), hashing: hashing, verifier: verifier, passkeys: passkeys)
        ignored = entries.ignored
        let start = max(entries.latest, clock.wall)
        newest = Mutex(max(start, seen ?? start))
        state = Mutex(RegisteredReviews(entries, under: policy))
        refresh(under: policy, demotions: stages.demotions(under: policy))
    }

    package func review(of agent: AgentName) -> AgentReview? { seen.withLock { $0[agent] } }

    package func reviewStatus(of agent: AgentName?) -> ReviewStatus? {
        let scope = ReviewScope(of: agent)
        let now = now()
        return state.withLock { state -> ReviewStatus? in
            guard let due = state.due(scope, at: now) else { return nil }
            let signed = state.scopes[scope]?.signed.map {
                ReviewStatus.SignedAt(time: $0.signOff.date, leaf: $0.leaf)
            }
            return ReviewStatus(due: due, signed: signed, seen: now)
        }
    }

    /// The latest time that was seen.
    func now() -> Timestamp {
        let wall = clock.wall
        return newest.withLock { newest in
            newest = max(newest, wall)
            return newest
        }
    }

    package func latest(_ now: Timestamp) -> Timestamp { max(self.now(), now) }

    /// The authorized keys of now; nil while they cannot be read.
    var keys: AuthorizedKeys? { trust() }

    func reviews(of scope: ReviewScope) -> ScopeReviews? { state.withLock { $0.scopes[scope] } }
    func facts(of scope: ReviewScope) -> ScheduleFacts? { state.withLock { $0.facts(of: scope) } }
    func open(_ id: ReviewID) -> OpenReview? { state.withLock { $0.open[id] } }
    /// The signed review of this id, if it is the last one of its scope.
    func signed(_ id: ReviewID) -> ReviewSignOff? {
        state.withLock { state -> ReviewSignOff? in
            state.scopes.values.compactMap { $0.signed?.signOff }.first { $0.review == id }
        }
    }

    func open(of scope: ReviewScope) -> OpenReview? {
        state.withLock { state in state.open.values.first { $0.scope == scope } }
    }
    func agents(of scope: ReviewScope) -> [AgentName] {
        state.withLock { $0.agents(of: scope) }
    }
    /// The reviews that are open, in no particular order.
    var openReviews: [OpenReview] { state.withLock { Array($0.open.values) } }
    /// The due time of each scope, in no particular order.
    func dueTimes(at now: Timestamp) -> [ScopeDueTime] {
        state.withLock { $0.dueTimes(at: now) }
    }
    var items: [DueItem] { state.withLock { $0.items } }
    /// The open findings of all scopes, in no particular order.
    var openFindings: [OwnedFinding] {
        state.withLock { state -> [OwnedFinding] in
            state.scopes.flatMap { scope, reviews -> [OwnedFinding] in
                guard let date = reviews.signed?.signOff.date else { return [] }
                return reviews.findings.map { OwnedFinding(scope: scope, $0, since: date) }
            }
        }
    }
    var hasUnstored: Bool { state.withLock { !$0.unstored.isEmpty } }

    /// True if the date of an item is that of the policy file.
    func isStated(_ item: DueItem) -> Bool {
        guard case .review = item.subject else { return false }
        return state.withLock { $0.isStated(item.scope, due: item.due) }
    }

    /// Evaluates everything under the policy in force. Agents that are new in it are reviewed from now on.
    ///
    /// - Parameter demotions: all demotions of each agent.
    func refresh(under policy: PolicySnapshot, demotions: [AgentName: [Timestamp]]) {
        let now = now()
        state.withLock { state in
            state.take(policy, demotions: demotions, at: now)
            publish(&state, at: now)
        }
    }

    /// Returns the scopes that are reviewed from now on and were not noted before, once.
    func takeUnnoted() -> [(scope: ReviewScope, due: Timestamp)] {
        state.withLock { state in
            defer { state.unnoted = [] }
            return state.unnoted
        }
    }

    private func publish(_ state: inout RegisteredReviews, at now: Timestamp) {
        state.readOnly = []
        for item in state.items where OverdueStep(due: item.due, at: now) == .demoted {
            state.readOnly.formUnion(state.agents(of: item.scope))
        }
        var view: [AgentName: AgentReview] = [:]
        for scope in state.allScopes {
            guard let agent = scope.agent, let review = state.review(of: agent) else { continue }
            view[agent] = review
        }
        seen.withLock { $0 = view }
    }
}

/// The reason why a document could not be kept.
enum ReviewStoreFailure: Error {
    case store(String)
    case refused(ReviewEntryRefusal)
}

// Entries that act once they are durable.
extension ReviewRegistry {
    /// Appends the entries that are not in the control log yet.
    ///
    /// - Returns: false if the store did not take them.
    func store() async -> Bool {
        guard hasUnstored else { return true }
        await gate.enter()
        defer { gate.leave() }
        do throws(StoreFailure) { try await storeWaiting() } catch { return false }
        return true
    }

    /// The caller holds the gate.
    private func storeWaiting() async throws(StoreFailure) {
        let waiting = state.withLock { $0.unstored }
        guard !waiting.isEmpty else { return }
        _ = try await log.append(waiting)
        state.withLock { $0.unstored.removeFirst(waiting.count) }
    }

    /// Stores a review that begins. The caller has recorded it.
    func keep(_ review: OpenReview) async throws(ReviewStoreFailure) {
        try await keep(ControlDraft(.reviewStart, review.id.text, review.body)) { state in
            state.open = state.open.filter { $0.value.scope != review.scope }
            state.open[review.id] = review
        }
    }

    /// Stores the mark of a record.
    func keep(_ mark: MarkedRecord, of id: ReviewID) async throws(ReviewStoreFailure) {
        try await keep(ControlDraft(.reviewMark, id.text, mark.body)) {
            state throws(ReviewEntryRefusal) in
            guard state.open[id] != nil else { throw .notOpen }
            state.open[id]?.marks[mark.leaf] = mark
        }
    }

    /// Stores a verified sign-off and lets it act. The caller has recorded it.
    ///
    /// - Parameter leaf: that of its record.
    func keep(_ signed: SignedReview, leaf: Digest) async throws(ReviewStoreFailure) {
        let signOff = signed.signOff
        let draft = ControlDraft(
            .reviewSignOff, signOff.scope.text,
            ["leaf": .string(leaf.base64), "signed": signed.envelope.json])
        try await keep(draft) { state throws(ReviewEntryRefusal) in
            guard state.open[signOff.review] != nil else { throw .notOpen }
            var reviews = state.scopes[signOff.scope] ?? ScopeReviews(began: signOff.date)
            try reviews.add(ScopeReviews.Signed(signOff: signOff, leaf: leaf))
            state.scopes[signOff.scope] = reviews
            state.open[signOff.review] = nil
        }
    }

    /// Stores a verified postponement and lets it act. The caller has recorded it.
    func keep(_ signed: SignedPostponement) async throws(ReviewStoreFailure) {
        let order = signed.order
        let draft = ControlDraft(
            .reviewPostponement, order.scope.text, ["signed": signed.envelope.json])
        try await keep(draft) { state throws(ReviewEntryRefusal) in
            var reviews = state.scopes[order.scope] ?? ScopeReviews(began: order.date)
            try reviews.add(order.postponement)
            state.scopes[order.scope] = reviews
        }
    }

    /// Entries that wait are appended first, so that the order of the entries is the order in which they act.
    private func keep(
        _ draft: ControlDraft,
        _ act: @Sendable (inout RegisteredReviews) throws(ReviewEntryRefusal) -> Void
    ) async throws(ReviewStoreFailure) {
        await gate.enter()
        defer { gate.leave() }
        do throws(StoreFailure) { try await storeWaiting() } catch {
            throw .store(error.reason)
        }
        if let early = refusal(act) { throw .refused(early) }
        do throws(StoreFailure) { _ = try await log.append([draft]) } catch {
            throw .store(error.reason)
        }
        let now = now()
        let late = state.withLock { state -> ReviewEntryRefusal? in
            do throws(ReviewEntryRefusal) { try act(&state) } catch { return error }
            publish(&state, at: now)
            return nil
        }
        if let late { throw .refused(late) }
    }

    private func refusal(
        _ act: (inout RegisteredReviews) throws(ReviewEntryRefusal) -> Void
    ) -> ReviewEntryRefusal? {
        var copy = state.withLock { $0 }
        do throws(ReviewEntryRefusal) { try act(&copy) } catch { return error }
        return nil
    }
}
