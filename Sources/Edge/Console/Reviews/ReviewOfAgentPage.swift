import InterlockAPI
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

/// `/agents/NAME/review` and `/agents/reviews/org`: the review that is open, with the steps that are left, and the one that
/// was signed last.
struct ReviewOfAgentPage {
    /// Nil for the organisation.
    let agent: AgentName?
    let detail: ReviewDetail
    /// The steps that people take here; nil if the console has none.
    var steps: ReviewSteps?
    /// The reason why the steps are not shown.
    var unread: String?
    /// The form that was refused. Its reason is at its place, or at the head of the page if it is there no more.
    var refused: RefusedForm?

    private var summary: ReviewSummary { detail.summary }
    private var name: String { agent?.text ?? "the organisation" }

    var title: String { "Review of \(name)" }

    var header: PageHeader {
        let look: StatusBadge.Kind =
            switch summary.step {
            case .current: .plain
            case .reminder: .attention
            case .overdue, .escalated, .demoted: .problem
            }
        let words =
            switch summary.step {
            case .current: "Not due"
            case .reminder: "Due soon"
            case .overdue: "Overdue"
            case .escalated: "A week overdue"
            case .demoted: "May only read"
            }
        var header = PageHeader(
            kind: "Review",
            back: PageHeader.Back(words: ReviewsPage.title, link: AgentsRoute.reviews.link),
            StatusBadge(look, words, from: "The reviews on record, read now.")
        ) { SafeText.name(name) }
        header.primary = steps?.next
        header.fact("Due") { ReviewLabels.end(summary.due) }
        header.fact("Last sign-off") {
            if let signed = summary.signed { Shape.time(signed) } else { "never" }
        }
        if summary.isWeekly { header.fact("Cadence") { "weekly" } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        let forms = steps?.content
        if let refused, !refused.isShown(in: forms ?? []) { refused.notice }
        if let signOff = detail.signOff, summary.open == nil, summary.step == .current {
            notice(.good) {
                "The review is signed, by "
                PolicyLabels.people(signOff.reviewers)
                ". The next one is due: "
                ReviewLabels.end(summary.due)
                "."
            }
        }
        if let unread { notice(.warning) { SafeText.own("The steps are not shown: \(unread).") } }
        if let forms {
            forms
        } else {
            card("Open review", .part) { open }
        }
        card("Last sign-off", .part) { signed }
    }

    @HTMLBuilder private var open: [HTML] {
        if let marked = detail.marked, let id = summary.open {
            element(.p) {
                "\(marked.unmarked.count) of \(marked.records.count) records are unmarked. Read and mark them with "
                element(.code) { "interlock review sample \(id.text)" }
                ", compare scopes with their use with "
                element(.code) { "interlock review findings \(id.text)" }
                ", and sign with "
                element(.code) { "interlock review sign \(id.text)" }
                "."
            }
            marked.tables { Link("audit", String($0.index)) }
        } else if let id = summary.open {
            element(.p) {
                "The sample of review "
                element(.code) { id.text }
                " cannot be read."
            }
        } else {
            element(.p) {
                "None. Start one with "
                element(.code) {
                    "interlock review start \(agent?.text ?? "--org") --from DATE"
                }
                "."
            }
        }
    }

    @HTMLBuilder private var signed: [HTML] {
        if let signOff = detail.signOff {
            SignOffView(signOff: signOff).content
            element(.p) {
                hyperlink(
                    Link("audit", query: [("type", "review.signed"), ("agent", agent?.text)])
                ) { "Show its record" }
                ". It is in each "
                element(.code) { "interlock evidence build" }
                " of a period that has it."
            }
        } else {
            element(.p) { "It was never reviewed." }
        }
    }
}
