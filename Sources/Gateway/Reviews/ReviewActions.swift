package import InterlockAdministration
package import InterlockEvidence
package import InterlockJSON
package import InterlockModel
package import InterlockReview

/// The steps of a review that people take on pages. Each decides by itself who may take it: not the owner, and not who gave
/// more than half of the approvals in the sample.
package protocol ReviewActions: Sendable {
    /// Returns the open review of an agent or of the organisation; nil if none is open.
    ///
    /// - Throws: `noSuchAgent` if the person may not see it, `notRead`.
    func work(on scope: ReviewScope, for person: ReviewPerson) async throws(Problem) -> ReviewWork?

    /// Returns what this person could start.
    ///
    /// - Throws: `noSuchAgent` if the person may not see it.
    func proposal(
        of scope: ReviewScope, for person: ReviewPerson
    ) throws(Problem) -> ReviewProposal

    /// Starts a review.
    func start(
        _ scope: ReviewScope, _ period: ReviewPeriod, by person: ReviewPerson
    ) async throws(Problem)

    /// Reads a record of the sample, which is recorded before it is shown.
    func record(
        _ leaf: Digest, of scope: ReviewScope, for person: ReviewPerson
    ) async throws(Problem) -> OpenedRecordView

    /// Marks a record that the person has opened. The mark is durable on return.
    func mark(
        _ leaf: Digest, of scope: ReviewScope, as word: String, severity: Int?, note: String,
        by person: ReviewPerson
    ) async throws(Problem)

    /// Compares the scopes with their use, which is recorded before it is shown.
    func compare(_ scope: ReviewScope, for person: ReviewPerson) async throws(Problem) -> ReviewUse

    /// Takes one statement, durable on return.
    func state(
        _ change: ReviewChange, on scope: ReviewScope, by person: ReviewPerson
    ) async throws(Problem)

    /// The documents that wait for signatures, from memory. Callers must check who may read them.
    func waiting() -> [WaitingReview]

    /// Returns the document for this person's passkey to sign. Stores nothing.
    func draft(_ id: ReviewID, by person: ReviewPerson) async throws(Problem) -> OrderDraft

    /// Takes the signature of a reviewer, as `ReviewService` says.
    func sign(
        _ id: ReviewID, _ body: JSONValue, for person: ReviewPerson
    ) async throws(Problem) -> JSONValue
}

/// The document of a review that waits for signatures.
package struct WaitingReview: Sendable {
    package let id: ReviewID
    package let scope: ReviewScope
    package let reviewers: [Person]
    /// The reviewers who have signed.
    package let signed: [Person]
    /// The date of the document.
    package let since: Timestamp
    /// The time after which it counts no more.
    package let end: Timestamp

    package init(
        id: ReviewID, scope: ReviewScope, reviewers: [Person], signed: [Person], since: Timestamp,
        end: Timestamp
    ) {
        self.id = id
        self.scope = scope
        self.reviewers = reviewers
        self.signed = signed
        self.since = since
        self.end = end
    }
}

// The documents as tasks of the inbox.
extension ReviewActions {
    /// The documents that this person may see, in no particular order.
    package func tasks(for viewer: InboxViewer) -> [InboxTask] {
        waiting().filter { viewer.visibility.sees($0.scope) }.map { one in
            let left = one.reviewers.filter { !one.signed.contains($0) }
            let isSent = one.signed.contains(viewer.person)
            return InboxTask.review(
                one.id.text, of: one.scope.agent,
                signatures: (one.signed.count, one.reviewers.count), since: one.since, due: one.end,
                isMine: left.contains(viewer.person), waitsFor: isSent ? left.sorted() : nil)
        }
    }
}

/// A person at a page of reviews.
package struct ReviewPerson: Sendable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let visibility: Visibility

    package init(person: Person, pseudonym: Pseudonym, visibility: Visibility) {
        self.person = person
        self.pseudonym = pseudonym
        self.visibility = visibility
    }
}

/// The review that a person could start.
package struct ReviewProposal: Sendable {
    /// The reason why this person may not review it; nil without one.
    package let objection: String?
    /// The day up to which calls were reviewed, or were governed first.
    package let from: CivilDate

    package init(objection: String?, from: CivilDate) {
        self.objection = objection
        self.from = from
    }
}

/// One statement of a reviewer about a part of a review.
package enum ReviewChange: Sendable {
    case controls([ControlAnswer])
    /// Takes the comparison that was shown last, if the policy is the one that the person saw.
    case compared(policy: Digest)
    /// Accepts an item of the retire proposal, or declines it for a reason.
    case retire(item: String, declined: String?)
    case drift(DriftItem)
    case finding(
        FindingSeverity, text: String, owner: Person, due: Timestamp, leaf: Digest?,
        control: ReviewControl?)
    /// States that a finding of an earlier review is mended, or still open.
    case earlier(ReviewID, number: Int, isMended: Bool)
    case removal(finding: Int)
    case plan(next: Timestamp, others: [Person])
    /// Drops the document that waits for signatures, with those under it.
    case withdrawal
}

/// An open review as one person sees it, at one moment.
package struct ReviewWork: Sendable {
    package let id: ReviewID
    package let scope: ReviewScope
    package let period: ReviewPeriod
    package let marked: MarkedSample
    /// The items that the log raised, with the outcomes that were stated.
    package let drift: [DriftItem]
    /// The open findings of earlier reviews.
    package let open: [OpenFinding]
    package let statement: ReviewStatement
    /// The policy in force.
    package let policy: Digest
    /// The latest time of the next review, by the schedule.
    package let latest: Timestamp
    package let reviewersNeeded: Int
    /// The reason why this person may not review; nil without one.
    package let objection: String?
    /// The things that a signature of this person lacks, in words.
    package let missing: [String]
    /// The document that this person signs first; nil while something is missing.
    package let draft: ReviewSignOff?
    /// The document that waits for further signatures, and who has signed; nil without one. Nothing of the review is changed
    /// while there is one.
    package let document: (signOff: ReviewSignOff, signed: [Person])?

    package init(
        id: ReviewID, scope: ReviewScope, period: ReviewPeriod, marked: MarkedSample,
        drift: [DriftItem], open: [OpenFinding] = [], statement: ReviewStatement,
        policy: Digest, latest: Timestamp, reviewersNeeded: Int, objection: String?,
        missing: [String], draft: ReviewSignOff? = nil,
        document: (signOff: ReviewSignOff, signed: [Person])?
    ) {
        self.id = id
        self.scope = scope
        self.period = period
        self.marked = marked
        self.drift = drift
        self.open = open
        self.statement = statement
        self.policy = policy
        self.latest = latest
        self.reviewersNeeded = reviewersNeeded
        self.objection = objection
        self.missing = missing
        self.draft = draft
        self.document = document
    }
}

/// A record that was opened, as one person sees it.
package struct OpenedRecordView: Sendable {
    package let agent: AgentName
    package let stratum: ReviewStratum
    package let read: ReadRecord
    /// True if the person may see arguments and results of the agent.
    package let showsPayloads: Bool
    /// The last mark of it; nil without one.
    package let mark: MarkedRecord?
    /// The next record without a mark; nil if each other one has one.
    package let next: Digest?

    package init(
        agent: AgentName, stratum: ReviewStratum, read: ReadRecord, showsPayloads: Bool,
        mark: MarkedRecord?, next: Digest?
    ) {
        self.agent = agent
        self.stratum = stratum
        self.read = read
        self.showsPayloads = showsPayloads
        self.mark = mark
        self.next = next
    }
}
