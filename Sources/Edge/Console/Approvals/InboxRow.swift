import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel

/// One line of the inbox: an approval request, or other work that waits for people.
enum InboxRow {
    case request(ApprovalRequest)
    case task(InboxTask)

    /// The kind of a line, by which the inbox can be filtered.
    enum Kind: Hashable, CaseIterable {
        case approval
        case task(InboxTask.Kind)

        static var allCases: [Kind] { [.approval] + InboxTask.Kind.allCases.map(Kind.task) }

        init?(_ text: String) {
            guard let kind = Self.allCases.first(where: { $0.text == text }) else { return nil }
            self = kind
        }

        /// The kind as an address states it.
        var text: String {
            switch self {
            case .approval: "approval"
            case .task(let kind): kind.rawValue
            }
        }

        var name: String {
            switch self {
            case .approval: "Approvals"
            case .task(.resume): "Resume"
            case .task(.revision): "Policy"
            case .task(.elevation): "Temporary access"
            case .task(.breakGlass): "Break-glass reviews"
            case .task(.alert): "Alerts"
            case .task(.drill): "Drills"
            }
        }

        var icon: Icon {
            switch self {
            case .approval, .task(.breakGlass): .inbox
            case .task(.resume): .stop
            case .task(.revision): .policy
            case .task(.elevation): .agent
            case .task(.alert): .alert
            case .task(.drill): .clock
            }
        }
    }

    var kind: Kind {
        switch self {
        case .request: .approval
        case .task(let task): .task(task.kind)
        }
    }

    /// The time at which it lapses or is overdue; nil for what waits without an end.
    var due: Timestamp? {
        switch self {
        case .request(let request): request.expires
        case .task(let task): task.due
        }
    }

    /// Changes whenever the line does.
    var version: String {
        switch self {
        case .request(let request):
            "\(request.id.text).\(request.state.rawValue).\(request.decision.quorum)"
        case .task(let task): "\(task.id).\(task.signed).\(task.isMine)"
        }
    }
}

extension InboxTask {
    /// The page on which it is done, or that says how.
    var link: Link {
        switch subject {
        case .resume: HaltRoute.list.link
        case .revision: PolicyRoute.proposed.link
        case .elevation: Link("agents", agent?.text ?? "")
        case .breakGlass(let id): Link("approvals", id.shown)
        case .alert(let id, let code, let count):
            count == 1
                ? AlertsRoute.link(to: id)
                : Link(
                    "alerts",
                    query: [("code", code), ("agent", agent?.text), ("disposed", "no")])
        case .drill(let id, _): HaltRoute.drill(id).link
        }
    }

    /// The work in words, with its verb first.
    var title: String {
        switch subject {
        case .resume(_, let targets): "Resume \(Self.words(of: targets))"
        case .revision: "Sign a policy revision"
        case .elevation: "Approve temporary access"
        case .breakGlass: "Review a use of break-glass"
        case .alert(_, let code, let count):
            count == 1 ? "Classify alert: \(code)" : "Classify \(count) alerts: \(code)"
        case .drill(_, let passed):
            passed ? "Sign a drill report" : "Sign the report of a failed drill"
        }
    }

    private static func words(of targets: [HaltTarget]) -> String {
        switch targets.count {
        case 0: "what was stopped"
        case 1: targets[0] == .org ? "all agents" : "\(targets[0].scope) \(targets[0].target)"
        default: "\(targets.count) targets"
        }
    }
}
