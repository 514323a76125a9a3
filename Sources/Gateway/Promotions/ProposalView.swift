package import InterlockEvidence
package import InterlockModel
package import InterlockTrust

/// A proposal in memory, without the records of its evidence.
struct KnownProposal: Sendable {
    let evidence: Digest
    let snapshot: TrustSnapshot
    /// The number of records of each line.
    let records: [Int]
    /// The document with the signatures so far; nil before the first one.
    let signed: SignedPromotion?
    /// The time from which it cannot be signed.
    let end: Timestamp

    init(_ proposal: PromotionProposal, _ signed: SignedPromotion?) {
        evidence = proposal.evidence
        snapshot = proposal.snapshot.withoutRecords
        records = proposal.snapshot.lines.map(\.leaves.count)
        self.signed = signed
        end = proposal.end
    }
}

/// A proposal of a promotion as people see it, at one moment.
package struct ProposalView: Sendable {
    package let evidence: Digest
    /// The evidence; its lines name no records here.
    package let snapshot: TrustSnapshot
    /// The number of records of each line.
    package let records: [Int]
    /// The document that people sign; nil before the first one has.
    package let promotion: Promotion?
    /// The deciders who have signed.
    package let signed: [Person]
    /// The owner whom the policy names; nil without one.
    package let owner: Person?
    /// The longest time for which the criteria let it count; nil without criteria.
    package let longest: Duration?
    package let end: Timestamp
    /// True if it can be signed now.
    package let isOpen: Bool

    package init(
        evidence: Digest, snapshot: TrustSnapshot, records: [Int], promotion: Promotion?,
        signed: [Person], owner: Person?, longest: Duration?, end: Timestamp, isOpen: Bool
    ) {
        self.evidence = evidence
        self.snapshot = snapshot
        self.records = records
        self.promotion = promotion
        self.signed = signed
        self.owner = owner
        self.longest = longest
        self.end = end
        self.isOpen = isOpen
    }

    package var agent: AgentName { snapshot.agent }

    /// The deciders who have not signed; empty before the first one has.
    package var waiting: [Person] {
        (promotion?.deciders ?? []).filter { !signed.contains($0) }
    }

    /// True if a person may read it: who sees the agent, and who is asked to decide.
    package func isSeen(by visibility: Visibility) -> Bool {
        visibility.sees(agent)
            || visibility.person.map { promotion?.deciders.contains($0) ?? false } ?? false
    }

    /// True if it waits for this person: a decider who has not signed, and the owner before there is a document.
    package func waits(for person: Person) -> Bool {
        guard isOpen else { return false }
        return promotion == nil ? owner == person : waiting.contains(person)
    }
}

/// The statements of the first decider. Those who follow sign the same document.
package struct PromotionTerms: Sendable {
    package let rationale: String
    /// The deciders besides the person who states it.
    package let others: [Person]
    /// The time for which it counts; nil for as long as the criteria permit.
    package let lasts: Duration?

    package init(rationale: String, others: [Person], lasts: Duration?) {
        self.rationale = rationale
        self.others = others
        self.lasts = lasts
    }
}
