import InterlockAdministration
import InterlockModel

/// The calls of the last hour by minute.
struct HourChart {
    let hour: LastHour

    var html: HTML {
        Chart(
            caption: "Calls by minute",
            gist: "\(hour.allowed) were let through, \(hour.denied) were refused",
            kind: .bars,
            series: [
                Chart.Series(name: "Let through", tone: .toneCalm),
                Chart.Series(name: "Refused", tone: .toneBad),
            ],
            column: "Minute from", points: hour.minutes.map(point), room: LastHour.length
        ).html
    }

    private func point(_ minute: LastHour.Minute) -> Chart.Point {
        Chart.Point(
            label: Shape.time(minute.start), mark: Shape.minute(minute.start),
            amounts: [Double(minute.allowed), Double(minute.denied)])
    }
}
