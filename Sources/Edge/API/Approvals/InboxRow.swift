package import InterlockAdministration
package import InterlockApprovals
import InterlockJSON
package import InterlockMarkup
package import InterlockModel

/// One line of the inbox: an approval request, or other work that waits for people.
package enum InboxRow {
    case request(ApprovalRequest)
    case task(InboxTask)

    /// The kind of a line, by which the inbox can be filtered.
    package enum Kind: Hashable, CaseIterable {
        case approval
        case task(InboxTask.Kind)

        package static var allCases: [Kind] { [.approval] + InboxTask.Kind.allCases.map(Kind.task) }

        package init?(_ text: String) {
            guard let kind = Self.allCases.first(where: { $0.text == text }) else { return nil }
            self = kind
        }

        /// The kind as an address states it.
        package var text: String {
            switch self {
            case .approval: "approval"
            case .task(let kind): kind.rawValue
            }
        }

        package var name: String {
            switch self {
            case .approval: "Approvals"
            case .task(.resume): "Resume"
            case .task(.revision): "Policy"
            case .task(.elevation): "Temporary access"
            case .task(.breakGlass): "Break-glass reviews"
            case .task(.enrolment): "Enrolments"
            case .task(.roles): "Roles"
            case .task(.alert): "Alerts"
            case .task(.drill): "Drills"
            case .task(.outcome): "Unknown outcomes"
            case .task(.changes): "Changes of runs"
            case .task(.promotion): "Promotions"
            case .task(.review): "Governance reviews"
            }
        }

        package var icon: Icon {
            switch self {
            case .approval, .task(.breakGlass), .task(.enrolment), .task(.roles): .inbox
            case .task(.resume): .stop
            case .task(.revision): .policy
            case .task(.elevation), .task(.promotion), .task(.review): .agent
            case .task(.alert): .alert
            case .task(.drill): .clock
            case .task(.outcome): .question
            case .task(.changes): .run
            }
        }
    }

    package var kind: Kind {
        switch self {
        case .request: .approval
        case .task(let task): .task(task.kind)
        }
    }

    /// The id of its subject, the same while it waits.
    var id: String {
        switch self {
        case .request(let request): request.id.text
        case .task(let task): task.id
        }
    }

    /// The time since which it waits.
    var since: Timestamp {
        switch self {
        case .request(let request): request.created
        case .task(let task): task.since
        }
    }

    /// The time at which it lapses or is overdue; nil for what waits without an end.
    package var due: Timestamp? {
        switch self {
        case .request(let request): request.expires
        case .task(let task): task.due
        }
    }

    /// True if this person can do it now.
    func isMine(of viewer: Person) -> Bool {
        switch self {
        case .request(let request): request.waits(for: viewer)
        case .task(let task): task.isMine
        }
    }

    /// The line in one text, in which invisible characters are visible.
    var headline: String {
        switch self {
        case .request(let request):
            [
                SafeLine.text(request.review.call.address.description),
                CallSummary(request.review).text,
            ].filter { !$0.isEmpty }.joined(separator: ": ")
        case .task(let task):
            [SafeLine.text(task.title)]
                .joined(separator: ": ")
        }
    }

    /// The page on which it is done, or that says how; nil for what only a command does.
    package var link: Link? {
        switch self {
        case .request(let request): Link("approvals", request.id.shown)
        case .task(let task): task.link
        }
    }

    /// Changes whenever the line does.
    var version: String {
        switch self {
        case .request(let request):
            "\(request.id.text).\(request.state.rawValue).\(request.decision.quorum)"
        case .task(let task):
            "\(task.mark).\(task.signed).\(task.isMine).\(task.deciders.map(\.address))"
        }
    }
}
