import InterlockAdministration
import InterlockModel

/// The status of an agent, in words as well as colour.
enum AgentState {
    @HTMLBuilder static func review(_ line: AgentSummary) -> [HTML] {
        line.reviewBy?.text ?? "no date"
        switch line.review {
        case .inTime: []
        case .due: [.text(" "), Badge(.warning, "due").html]
        case .overdue: [.text(" "), Badge(.bad, "overdue").html]
        }
    }

    @HTMLBuilder static func words(_ line: AgentSummary) -> [HTML] {
        if line.halt != nil { Badge(.bad, "stopped").html }
        if line.heldRuns > 0 {
            Badge(.warning, Shape.count(line.heldRuns, "run") + " held back").html
        }
        if !line.faults.isEmpty { Badge(.warning, "policy has faults").html }
        if line.halt == nil, line.heldRuns == 0, line.faults.isEmpty { "may act" }
    }
}

extension AgentFilter.State {
    var words: String {
        switch self {
        case .stopped: "stopped by a halt"
        case .busy: "calls in flight"
        case .held: "runs held back"
        case .refused: "refused in the last hour"
        case .due: "review due"
        case .faulty: "policy has faults"
        }
    }
}
