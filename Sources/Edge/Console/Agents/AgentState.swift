import InterlockAdministration
import InterlockChangeGate
import InterlockMarkup
import InterlockModel

/// The status of an agent, in words as well as colour.
enum AgentState {
    @HTMLBuilder static func review(_ line: AgentSummary) -> [HTML] {
        element(.span, .style(.nowrap)) { line.reviewBy?.text ?? "no date" }
        switch line.review {
        case .inTime: []
        case .due: [.text(" "), badge("due", .warning)]
        case .overdue: [.text(" "), badge("overdue", .bad)]
        }
    }

    /// - Parameter outlook: the warning of the change gate; nil if there is none.
    @HTMLBuilder static func words(
        _ line: AgentSummary, _ outlook: GateOutlook? = nil
    ) -> [HTML] {
        if line.halt != nil { badge("stopped", .bad) }
        if line.heldRuns > 0 {
            badge(Shape.count(line.heldRuns, "run") + " paused", .warning)
        }
        if !line.faults.isEmpty { badge("policy has faults", .warning) }
        EvalLabels.warning(outlook)
        if line.halt == nil, line.heldRuns == 0, line.faults.isEmpty,
            outlook?.state != .refused
        {
            "Active"
        }
    }
}

extension AgentFilter.State {
    /// The state as the words of a link.
    var title: String { words.prefix(1).uppercased() + words.dropFirst() }

    var words: String {
        switch self {
        case .stopped: "stopped by a halt"
        case .busy: "calls in progress"
        case .held: "runs paused"
        case .refused: "denied in the last hour"
        case .due: "review due"
        case .faulty: "policy has faults"
        }
    }
}
