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
        case .confirmed: badge("confirmed", .low)
        case .expired: badge("expired", .low)
        case .notConfirmed: badge("not confirmed", .high)
        case .notReached: badge("not reached", .high)
        case .notPresent: badge("not present")
        }
    }
}
