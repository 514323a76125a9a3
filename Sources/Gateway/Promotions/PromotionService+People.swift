package import InterlockAdministration
import InterlockEvidence
import InterlockGovernor
package import InterlockModel
import InterlockPorts
import InterlockTrust
import InterlockTrustStages
import Synchronization

// Proposals in memory, for pages, the inbox and signatures by passkey.
extension PromotionService: PromotionActions {
    /// Reads the proposals that can be signed. Called once after the start; until it returns nothing is listed.
    ///
    /// - Throws: `notRead`.
    package func load() async throws(Problem) {
        await gate.enter()
        defer { gate.leave() }
        let read = try await openProposals { entry(of: $0) }
        known.withLock { known in
            known = Dictionary(read.map { ($0.evidence, $0) }, uniquingKeysWith: { $1 })
        }
    }

    /// Takes a proposal as it is on disk now, in the place of those that have ended.
    func remember(_ proposal: PromotionProposal) {
        forgetEnded()
        let one = entry(of: proposal)
        known.withLock { known in
            guard known != nil else { return }
            known?[proposal.evidence] = one
        }
    }

    /// Drops the proposals that are past their validity, or by which their agent was promoted. Their files remain.
    func forgetEnded() {
        guard let all = known.withLock({ $0 }) else { return }
        let now = stages.now
        let ended = all.values.filter { hasEnded($0, at: now) }.map(\.evidence)
        guard !ended.isEmpty else { return }
        known.withLock { known in
            for evidence in ended { known?[evidence] = nil }
        }
    }

    private func hasEnded(_ one: KnownProposal, at now: Timestamp) -> Bool {
        now >= one.end
            || isTaken(one.evidence, of: one.snapshot.agent, one.signed?.promotion)
    }

    private func entry(of proposal: PromotionProposal) -> KnownProposal {
        KnownProposal(proposal, proposal.document.flatMap { try? signed($0) })
    }

    package func waiting() -> [ProposalView]? {
        forgetEnded()
        guard let known = known.withLock({ $0 }) else { return nil }
        return known.values.map { view(of: $0) }.filter(\.isOpen)
            .sorted { ($1.snapshot.date, $1.evidence.hex) < ($0.snapshot.date, $0.evidence.hex) }
    }

    package func view(_ evidence: Digest) async throws(Problem) -> ProposalView {
        view(of: try await found(evidence))
    }

    private func found(_ evidence: Digest) async throws(Problem) -> KnownProposal {
        if let one = known.withLock({ $0?[evidence] }) { return one }
        return entry(of: try await proposal(evidence))
    }

    private func view(of one: KnownProposal) -> ProposalView {
        let promotion = one.signed?.promotion
        let agent = one.snapshot.agent
        let now = stages.now
        return ProposalView(
            evidence: one.evidence, snapshot: one.snapshot, records: one.records,
            promotion: promotion,
            signed: stages.keys.flatMap { keys in one.signed?.decided(among: keys) } ?? [],
            owner: stages.owner(of: agent), longest: stages.longest(at: one.snapshot.to),
            end: one.end, isOpen: one.snapshot.date <= now && !hasEnded(one, at: now))
    }

    package func draft(
        _ evidence: Digest, _ terms: PromotionTerms?, by person: Person
    ) async throws(Problem) -> OrderDraft {
        let one = try await found(evidence)
        let view = view(of: one)
        guard view.isOpen else {
            throw Problem(
                .otherState, "the proposal is over",
                help: "interlock trust propose \(view.agent.text) --to \(view.snapshot.to.name)")
        }
        guard let keys = stages.keys, let signer = keys.person(person) else {
            throw Problem(.notRead, "the people who may sign cannot be read")
        }
        let promotion: Promotion
        let payload: [UInt8]
        if let document = one.signed {
            promotion = document.promotion
            payload = document.envelope.payload
        } else {
            promotion = try made(view, terms, by: person, org: keys.org)
            do throws(FormError) { payload = try promotion.canonical() } catch {
                throw Problem(error)
            }
        }
        guard promotion.deciders.contains(person) else {
            throw Problem(.notEligible, "the document does not name you as a decider")
        }
        guard !view.signed.contains(person) else {
            throw Problem(.signedAlready, "you have signed it already")
        }
        try stages.checkContent(of: promotion)
        return OrderDraft(
            .promotion, payload, for: signer.pseudonym, trust: keys, hashing: hashing)
    }

    /// The first document, as its first decider states it.
    private func made(
        _ view: ProposalView, _ terms: PromotionTerms?, by person: Person, org: String
    ) throws(Problem) -> Promotion {
        guard let terms else { throw Problem(.malformed, "member `rationale` is missing") }
        guard let owner = view.owner else {
            throw Problem(.otherState, "the policy names no owner of the agent")
        }
        guard let longest = view.longest else {
            throw Problem(.otherState, "no criteria are in force, so no promotion counts")
        }
        guard terms.rationale.count >= Promotion.leastRationale else {
            throw Problem(
                .malformed,
                "member `rationale` has at least \(Promotion.leastRationale) characters")
        }
        let now = stages.now.wholeSecond
        let others = terms.others.filter { $0 != person }
        let snapshot = view.snapshot
        let promotion = Promotion(
            org: org, agent: view.agent, from: snapshot.from, to: snapshot.to, owner: owner,
            deciders: [person] + others, date: now,
            expires: now + min(terms.lasts ?? longest, longest), rationale: terms.rationale,
            criteria: snapshot.criteria, evidence: view.evidence,
            fingerprint: snapshot.fingerprint, policy: snapshot.policy, undoes: snapshot.undoes)
        guard let promotion else {
            throw Problem(
                .malformed,
                "a promotion has 1 to 8 deciders, each once, and a rationale of at most 4,000 bytes"
            )
        }
        return promotion
    }
}

// The proposals as tasks of the inbox.
extension PromotionActions {
    /// The proposals that this person may see, in no particular order; none until they were read after the start.
    package func tasks(for viewer: InboxViewer) -> [InboxTask] {
        (waiting() ?? []).filter { $0.isSeen(by: viewer.visibility) }.map { view in
            let isSent = view.signed.first == viewer.person
            return InboxTask.promotion(
                view.evidence, of: view.agent, to: view.snapshot.to.assignment,
                reason: view.promotion?.rationale,
                signatures: (view.signed.count, view.promotion?.deciders.count),
                since: view.snapshot.date, due: view.end, isMine: view.waits(for: viewer.person),
                waitsFor: isSent ? view.waiting.sorted() : nil)
        }
    }
}
