package import InterlockAlerts
package import InterlockEvidence
package import InterlockModel

/// Work that waits for people, other than a vote on an approval request (docs/specs/console.md, section 4).
package struct InboxTask: Sendable, Hashable {
    /// The work, with what it is about.
    package enum Subject: Sendable, Hashable {
        /// The second signature on a release of these targets.
        case resume(OrderID, [HaltTarget])
        /// A sign-off of the revision with this digest: the one that waits, or the one in force if none was ever signed
        /// off.
        case revision(Digest, isFirst: Bool)
        /// An approval of a requested elevation.
        case elevation(ElevationID)
        /// The review of a use of break-glass at this request.
        case breakGlass(ApprovalID)
        /// The disposition of the newest of `count` alerts with this code, about the same agent.
        case alert(AlertID, code: String, count: Int)
        /// The sign-off of a drill's report.
        case drill(OrderID, passed: Bool)
        /// The confirmation of a credential that was made with an invitation of this person.
        case enrolment(OrderID, Person)
        /// The confirmation of a change of this person's roles.
        case roles(OrderID, Person, add: Set<Role>, remove: Set<Role>)
        /// A call whose outcome is unknown, to find out whether it took effect.
        case outcome(UnknownOutcome)
        /// The approval of changes of a sandboxed run that have a flag.
        case changes(RunID, flagged: Int)
        /// The signature under the promotion of an agent to a stage, by the digest of its evidence.
        case promotion(Digest, TrustStageAssignment)
        /// The signature under a governance review with this id, of the agent or of the organisation.
        case review(String)
        /// A finding of a review, as `REVIEW#NUMBER`, which this person mends.
        case finding(String)
    }

    /// The kinds of subjects, in the order in which they are listed.
    package enum Kind: String, CaseIterable, Sendable, Hashable {
        case resume, revision, elevation
        case breakGlass = "break_glass"
        case enrolment, roles, alert, drill, outcome, changes, promotion, review
    }

    package let subject: Subject
    /// The agent that it concerns, if it concerns one.
    package var agent: AgentName?
    /// The reason that its author stated, of any origin.
    package var reason: String?
    /// The people who have signed.
    package var signed = 0
    /// The number of people who must sign, if it is known.
    package var need: Int?
    /// The time since which it waits.
    package let since: Timestamp
    /// The time at which it lapses or is overdue, if there is one.
    package var due: Timestamp?
    /// True if this person may do it now.
    package let isMine: Bool
    /// True if this person asked for it, and others act next.
    package var isSent = false
    /// The enrolled people who can act next, sorted; empty unless `isSent`. Those who have signed are left out only if
    /// this person has signed too, because votes must be independent.
    package var deciders: [Person] = []

    /// Returns the task to approve changes of a run of the agent.
    package static func changes(
        of run: RunID, flagged: Int, by agent: AgentName, need: Int, since: Timestamp, isMine: Bool
    ) -> InboxTask {
        InboxTask(
            subject: .changes(run, flagged: flagged), agent: agent, need: need, since: since,
            isMine: isMine)
    }

    /// Returns the task to sign a promotion of an agent.
    ///
    /// - Parameter waitsFor: the people who can act next on what this person has sent; nil if another person sent it.
    package static func promotion(
        _ evidence: Digest, of agent: AgentName, to stage: TrustStageAssignment, reason: String?,
        signatures: (signed: Int, need: Int?), since: Timestamp, due: Timestamp, isMine: Bool,
        waitsFor: [Person]?
    ) -> InboxTask {
        InboxTask(
            subject: .promotion(evidence, stage), agent: agent, reason: reason,
            signed: signatures.signed, need: signatures.need, since: since, due: due,
            isMine: isMine, isSent: waitsFor != nil, deciders: waitsFor ?? [])
    }

    /// Returns the task of the owner to mend a finding of a review.
    package static func finding(
        _ id: String, of agent: AgentName?, _ text: String, since: Timestamp, due: Timestamp
    ) -> InboxTask {
        InboxTask(
            subject: .finding(id), agent: agent, reason: text, since: since, due: due, isMine: true)
    }

    /// Returns the task to sign a governance review.
    ///
    /// - Parameter agent: nil for the organisation.
    package static func review(
        _ id: String, of agent: AgentName?, signatures: (signed: Int, need: Int),
        since: Timestamp, due: Timestamp, isMine: Bool, waitsFor: [Person]?
    ) -> InboxTask {
        InboxTask(
            subject: .review(id), agent: agent, signed: signatures.signed, need: signatures.need,
            since: since, due: due, isMine: isMine, isSent: waitsFor != nil,
            deciders: waitsFor ?? [])
    }

    package var kind: Kind {
        switch subject {
        case .resume: .resume
        case .revision: .revision
        case .elevation: .elevation
        case .breakGlass: .breakGlass
        case .alert: .alert
        case .drill: .drill
        case .enrolment: .enrolment
        case .roles: .roles
        case .outcome: .outcome
        case .changes: .changes
        case .promotion: .promotion
        case .review, .finding: .review
        }
    }

    /// The id of its subject, the same while it waits.
    package var id: String {
        switch subject {
        case .resume(let id, _), .drill(let id, _), .enrolment(let id, _): id.text
        case .roles(let id, _, _, _): id.text
        case .revision(let digest, _): digest.hex
        case .elevation(let id): id.text
        case .breakGlass(let id): id.text
        case .alert(let id, _, _): id.text
        case .outcome(let outcome): outcome.call.text
        case .changes(let run, _): run.text
        case .promotion(let evidence, _): evidence.hex
        case .review(let id), .finding(let id): id
        }
    }
}

/// The tasks of people, read from memory.
package protocol InboxTasks: Sendable {
    /// The tasks that the person may see, in no particular order.
    func tasks(for viewer: InboxViewer) -> [InboxTask]
}

/// The person for whom tasks are selected.
package struct InboxViewer: Sendable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let visibility: Visibility

    package init(person: Person, pseudonym: Pseudonym, visibility: Visibility) {
        self.person = person
        self.pseudonym = pseudonym
        self.visibility = visibility
    }
}
