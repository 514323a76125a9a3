import InterlockAdministration
import InterlockModel

/// The enforcement points that a halt reaches or has reached.
struct PointTable {
    let points: [PointReport]
    /// True if the table shows each point's report instead of only its presence.
    var isReport = false

    var html: HTML {
        Table(
            isReport ? "What each point has said" : "Points of enforcement",
            isReport
                ? ["Point", "State", "Time", "Refused", "Cancelled", "Unknown", "Left", "Note"]
                : ["Point", "State", "Note"], points
        ) { point in
            let ends = [element(.span) { SafeText.text(point.point) }, state(point)]
            return ends + (isReport ? said(point) : []) + [
                .group(SafeText.text(point.note ?? "none"))
            ]
        }.html
    }

    private func said(_ point: PointReport) -> [HTML] {
        guard point.state != .notPresent else {
            return Array(repeating: .text("none"), count: 5)
        }
        let counts = [point.denied, point.cancelled, point.unknown, point.left]
        return [.text("\(point.duration.microseconds / 1000) ms")] + counts.map { .text("\($0)") }
    }

    private func state(_ point: PointReport) -> HTML {
        switch point.state {
        case .confirmed: element(.span, .style(.badge, .low)) { "confirmed" }
        case .expired: element(.span, .style(.badge, .low)) { "expired" }
        case .notConfirmed: element(.span, .style(.badge, .high)) { "not confirmed" }
        case .notReached: element(.span, .style(.badge, .high)) { "not reached" }
        case .notPresent: element(.span, .style(.badge)) { "not present" }
        }
    }
}
