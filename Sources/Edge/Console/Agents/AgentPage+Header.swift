import InterlockAdministration
import InterlockChangeGate
import InterlockMarkup
import InterlockModel
import InterlockPolicy

extension AgentPage {
    var header: PageHeader {
        let line = detail.line
        var header = PageHeader(
            kind: "Agent", back: .init(words: "All agents", link: Link("agents")), badge
        ) { SafeText.text(line.name.text) }
        header.say { sentence }
        header.fact("Owner") {
            if let owner = line.owner { SafeText.text(owner.address) } else { "none" }
        }
        header.fact("Tier") { Shape.tier(line.tier) }
        header.fact("Stage", text: detail.terms.stageText + detail.terms.autonomyText)
        header.fact("Review by") { AgentState.review(line) }
        header.fact("Calls in progress") { "\(line.callsInFlight)" }
        for action in actions { header.add(action) }
        return header
    }

    /// The worst of what holds the agent back.
    private var badge: StatusBadge {
        let line = detail.line
        let (look, words): (StatusBadge.Kind, String) =
            if line.halt != nil {
                (.stopped, "Stopped")
            } else if evals?.line.outlook.state == .refused {
                (.attention, "Refused by its evals")
            } else if line.review == .overdue {
                (.attention, "Review overdue")
            } else if !line.faults.isEmpty {
                (.attention, "Policy has faults")
            } else if line.heldRuns > 0 {
                (.attention, Shape.count(line.heldRuns, "run") + " paused")
            } else if evals?.line.outlook.state == .ending {
                (.attention, "Evals end soon")
            } else {
                (.working, "Active")
            }
        return StatusBadge(
            look, words,
            from:
                "The halts, the paused runs, the review date, the policy and the evals of the agent."
        )
    }

    @HTMLBuilder private var sentence: [HTML] {
        let line = detail.line
        if line.halt != nil {
            "Every call is denied until the halt ends."
        } else if let evals, evals.line.outlook.state == .refused {
            "Every call is denied. "
            EvalLabels.reason(evals.line)
        } else if line.review == .overdue {
            "Its review is more than 14 days late: calls that do not only read are refused."
        } else if !line.faults.isEmpty {
            "It is held at stage observe because of \(line.faults.joined(separator: ", "))."
        }
    }
}
