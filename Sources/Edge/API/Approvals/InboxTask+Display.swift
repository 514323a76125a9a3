import InterlockAdministration
import InterlockApprovals
package import InterlockMarkup
import InterlockModel

/// A task in words, and where it is done.
extension InboxTask {
    /// The page on which it is done, or that says how.
    package var link: Link? {
        switch subject {
        case .resume: HaltRoute.list.link
        case .revision: PolicyRoute.proposed.link
        case .enrolment, .roles: PeopleRoute.waiting.link
        case .elevation: Link("agents", agent?.text ?? "")
        case .breakGlass(let id): OwnRoute.breakGlass(id).link
        case .alert(_, let code, _) where AlertNames.isOfReview(code): ReviewRoute(agent).link
        case .alert(let id, let code, let count):
            count == 1
                ? AlertsRoute.link(to: id)
                : Link(
                    "alerts",
                    query: [("code", code), ("agent", agent?.text), ("disposed", "no")])
        case .drill(let id, _): HaltRoute.drill(id).link
        case .outcome(let outcome): outcome.link
        case .changes(let run, _): RunsRoute.changes(run).link
        case .promotion(let evidence, _): OwnRoute.promotion(evidence).link
        case .review, .finding: ReviewRoute(agent).link
        }
    }

    /// The work in words, with its verb first.
    package var title: String {
        switch subject {
        case .resume(_, let targets): "Resume \(Self.words(of: targets))"
        case .revision(_, let isFirst):
            isFirst ? "Sign the first policy revision" : "Sign a policy revision"
        case .elevation: "Approve temporary access"
        case .breakGlass: "Review a use of break-glass"
        case .alert(_, let code, _) where AlertNames.isOfReview(code):
            "Open the review: " + (AlertNames.name(code) ?? code)
        case .alert(_, let code, let count):
            (count == 1 ? "Classify alert: " : "Classify \(count) alerts: ")
                + (AlertNames.name(code) ?? code)
        case .drill(_, let passed):
            passed ? "Sign a drill report" : "Sign the report of a failed drill"
        case .enrolment(_, let person): "Confirm a credential of \(person.address)"
        case .outcome(let outcome):
            "Check outcome: \(outcome.tool?.description ?? "a call of a tool without a legal name")"
        case .changes(_, let flagged):
            flagged == 1
                ? "Review a flagged change of a run" : "Review \(flagged) flagged changes of a run"
        case .promotion(_, let stage): "Sign a promotion to stage \(stage.text)"
        case .review: "Sign a governance review"
        case .finding: "Mend a finding of a governance review"
        case .roles(_, let person, let add, let remove):
            "Confirm roles of \(person.address): \(Self.words(adding: add, removing: remove))"
        }
    }

    /// The command that does it, if no page does. That of an enrolment leaves out the id, which the holder of the
    /// credential must read to the person who confirms it: an enrolment by another person would not match.
    package var command: String? {
        switch subject {
        case .enrolment: "interlock people confirm ID"
        case .roles(let id, _, _, _): "interlock people confirm \(id.text)"
        case .resume, .revision, .elevation, .breakGlass, .alert, .drill, .outcome, .changes,
            .promotion, .review, .finding:
            nil
        }
    }

    /// True for an alert that a review is due, or is late.
    var isOfReview: Bool {
        if case .alert(_, let code, _) = subject { AlertNames.isOfReview(code) } else { false }
    }

    /// A text that differs from that of any other task, and does not contain the id of an enrolment.
    var mark: String {
        switch subject {
        case .enrolment(_, let person): "\(person.address).\(since.microseconds)"
        case .outcome(let outcome): "\(id).\(outcome.details?.record ?? 0)"
        default: id
        }
    }

    private static func words(adding: Set<Role>, removing: Set<Role>) -> String {
        func names(_ verb: String, _ roles: Set<Role>) -> [String] {
            Role.allCases.filter(roles.contains).map { "\(verb) \($0.rawValue)" }
        }
        return (names("add", adding) + names("remove", removing)).joined(separator: ", ")
    }

    private static func words(of targets: [HaltTarget]) -> String {
        switch targets.count {
        case 0: "what was stopped"
        case 1: targets[0] == .org ? "all agents" : "\(targets[0].scope) \(targets[0].target)"
        default: "\(targets.count) targets"
        }
    }
}
