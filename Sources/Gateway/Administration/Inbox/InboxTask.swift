package import InterlockAlerts
package import InterlockModel

/// Work that waits for people, other than a vote on an approval request (docs/specs/console.md, section 4).
package struct InboxTask: Sendable, Hashable {
    /// The work, with what it is about.
    package enum Subject: Sendable, Hashable {
        /// The second signature on a release of these targets.
        case resume(OrderID, [HaltTarget])
        /// A sign-off of the waiting revision with this digest.
        case revision(Digest)
        /// An approval of a requested elevation.
        case elevation(ElevationID)
        /// The review of a use of break-glass at this request.
        case breakGlass(ApprovalID)
        /// The disposition of the newest of `count` alerts with this code, about the same agent.
        case alert(AlertID, code: String, count: Int)
        /// The sign-off of a drill's report.
        case drill(OrderID, passed: Bool)
    }

    /// The kinds of subjects, in the order in which they are listed.
    package enum Kind: String, CaseIterable, Sendable, Hashable {
        case resume, revision, elevation
        case breakGlass = "break_glass"
        case alert, drill
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

    package var kind: Kind {
        switch subject {
        case .resume: .resume
        case .revision: .revision
        case .elevation: .elevation
        case .breakGlass: .breakGlass
        case .alert: .alert
        case .drill: .drill
        }
    }

    /// The id of its subject, the same while it waits.
    package var id: String {
        switch subject {
        case .resume(let id, _), .drill(let id, _): id.text
        case .revision(let digest): digest.hex
        case .elevation(let id): id.text
        case .breakGlass(let id): id.text
        case .alert(let id, _, _): id.text
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
    let person: Person
    let pseudonym: Pseudonym
    let visibility: Visibility

    package init(person: Person, pseudonym: Pseudonym, visibility: Visibility) {
        self.person = person
        self.pseudonym = pseudonym
        self.visibility = visibility
    }
}
