import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockTrust
import InterlockTrustQueries

/// The stage of an agent, what decides it, each criterion of its next stage, and the changes so far.
struct AgentTrust {
    static let anchor = Anchor("agent-trust")

    let detail: AgentTrustDetail

    @HTMLBuilder var content: [HTML] {
        facts
        if !detail.status.reasons.isEmpty {
            element(.h3) { "What decides its stage" }
            element(.ul) {
                for reason in detail.status.reasons {
                    element(.li) { SafeText.own(reason.text) }
                }
            }
        }
        if detail.hasFailed {
            notice(.warning) {
                "The audit log could not be read for its record. The log of the gateway itself says why."
            }
        }
        if let record = detail.record {
            criteria(record)
            element(.h3) { "Changes of its stage" }
            Self.changes(record.events).html(
                or: "No promotion, and no demotion that lowered its stage, is on record.")
        } else if !detail.hasFailed {
            element(.p, .style(.empty)) { "Its record is being read from the audit log." }
        }
    }

    private var facts: HTML {
        var facts = Facts()
        if let autonomy = detail.terms.autonomy { facts.add("Stage", text: autonomy.text) }
        facts.add("Calls are decided as", text: detail.terms.stage.rawValue)
        facts.add("Limits") { "\(detail.terms.quotaPercent) % of those in the policy file" }
        if let end = detail.status.expires {
            facts.add("Falls unless attested by") { Shape.exact(end) }
        }
        if let end = detail.status.cooldownEnd {
            facts.add("No promotion before") { Shape.exact(end) }
        }
        return facts.html
    }

    @HTMLBuilder private func criteria(_ record: AgentTrustRecord) -> [HTML] {
        let credit = record.credit
        element(.h3) { "Criteria of the next stage" }
        if credit.criteria == nil {
            notice(.warning) {
                "No criteria file is beside the policy, so no agent rises. The values are shown beside the defaults."
            }
        }
        if let assessment = credit.assessment {
            Table(
                "Stage \(assessment.stage.text), each criterion with value and threshold",
                [.name("Criterion"), .text("Value"), .text("Threshold"), .state("State")],
                assessment.results
            ) { result in
                [
                    .text(Self.name(result.criterion)), .safe(result.value.text),
                    .safe(result.threshold),
                    result.isMet ? badge("met", .good) : badge("missed", .warning),
                ]
            }.html
        } else {
            element(.p) { "It has the highest stage." }
        }
        element(.p, .style(.hint)) {
            "\(Shape.grouped(credit.count.credit)) clean runs count"
            if let change = credit.lastChange {
                ", since "
                Shape.exact(change.time)
                ", when "
                SafeText.own(change.change.text)
            }
            credit.isWhole ? "" : "; earlier records are not in this log"
            ". Read from the audit log at "
            Shape.exact(record.at)
            ". "
            element(.code) { "interlock trust explain NAME" }
            " names the records."
        }
    }

    private static func changes(_ events: [StageEvent]) -> Table {
        Table(
            "Promotions, demotions and ceilings, the newest first",
            [.text("Change"), .time("When"), .text("Stage"), .id("Record")], events
        ) { event in
            [
                .text(words(event)), Shape.time(event.at),
                .text("\(event.from?.text ?? "–") to \(event.to.text)"),
                hyperlink(Link("audit", String(event.record))) { "\(event.record)" },
            ]
        }
    }

    private static func words(_ event: StageEvent) -> String {
        let words =
            switch event.kind {
            case .promoted: "Promoted"
            case .attested: "Attested again"
            case .demoted: event.trigger.map { "Demoted: \($0.text)" } ?? "Demoted"
            case .delegated: "Ceiling of its owner"
            }
        return event.isKept ? words : words + " (could not be kept, does not act)"
    }

    static func name(_ criterion: TrustCriterion) -> String {
        switch criterion {
        case .cleanRuns: "Clean runs"
        case .days: "Days with clean runs"
        case .templates: "Tasks"
        case .agentDenials: "Runs with a denial"
        case .approvalsRejected: "Rejected approvals"
        case .incidents: "Incidents"
        case .eval: "Evals"
        case .review: "Governance review"
        case .drill: "Kill drill"
        case .ownerConfirmed: "Days since its owner confirmed"
        }
    }
}
