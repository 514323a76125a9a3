import InterlockAdministration
import InterlockMarkup

/// The status of all checks, which equals that of the worst. It is good only if every check passed or is of a part that is
/// not set up: what is unknown is not well.
struct HealthSummary {
    let checks: [HealthCheck]
    var weakPoints = 0
    /// Sentences about what makes the gateway refuse calls, or hang.
    var faults: [String] = []

    var badge: StatusBadge {
        let (look, words): (StatusBadge.Kind, String) =
            switch worst {
            case .problem: (.problem, "Problem")
            case .attention: (.attention, "Needs attention")
            case .unknown: (.unknown, "Unknown")
            case .working, .notSetUp:
                (.working, weakPoints == 0 ? "Working" : "Working, \(words(of: weakPoints))")
            }
        return StatusBadge(
            look, words,
            from: "The checks of the gateway's parts. The worst of them is the status of all.",
            age: checks.compactMap(\.age).max())
    }

    /// The causes of the status.
    @HTMLBuilder var sentence: [HTML] {
        switch worst {
        case .problem where names(.problem).isEmpty: "Calls are refused"
        case .problem, .attention, .unknown: causes(worst)
        case .working, .notSetUp: passed
        }
    }

    private var worst: HealthCheck.State {
        if !faults.isEmpty { return .problem }
        if checks.isEmpty { return .unknown }
        return [.problem, .attention, .unknown].first { state in
            checks.contains { $0.state == state }
        } ?? .working
    }

    private var passed: String {
        let count = checks.count { $0.state == .working }
        return count == checks.count
            ? "All \(count) checks passed"
            : "\(count) of \(checks.count) checks passed, the others are not set up"
    }

    private func names(_ state: HealthCheck.State) -> [String] {
        checks.filter { $0.state == state }.map(HealthTable.name(of:))
    }

    @HTMLBuilder private func causes(_ state: HealthCheck.State) -> [HTML] {
        let found = checks.filter { $0.state == state }
        if found.isEmpty { "all parts" }
        found.map(HealthTable.name(of:)).joined(separator: ", ")
        if found.count == 1 {
            ": "
            SafeText.text(found[0].words)
        }
    }

    private func words(of weakPoints: Int) -> String { Shape.count(weakPoints, "weak point") }
}
