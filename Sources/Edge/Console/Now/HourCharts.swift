import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

/// The calls of the last hour by minute, and how long servers took for them. Each call is in one series: those that
/// people approved are not in that of the allowed ones.
struct HourCharts {
    let hour: LastHour

    private static let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]

    @HTMLBuilder var content: [HTML] {
        calls
        times
    }

    private var calls: HTML {
        Chart(
            caption: "Calls per minute",
            gist:
                "\(max(0, hour.allowed - hour.approved)) allowed, \(hour.approved) approved, \(hour.denied) denied",
            kind: .bars,
            series: [
                Chart.Series(name: "Allowed", tone: .toneCalm),
                Chart.Series(name: "Approved", tone: .toneWarm),
                Chart.Series(name: "Denied", tone: .toneBad),
            ],
            column: "Minute from",
            points: hour.minutes.map { minute in
                let allowed = Double(max(0, minute.allowed - minute.approved))
                return point(minute, [allowed, Double(minute.approved), Double(minute.denied)])
            },
            room: LastHour.length
        ).html
    }

    /// A minute without calls has no time, which is not 0. The minutes before the first call are left out: they would be
    /// 15 kB of dashes.
    private var times: HTML {
        let minutes = hour.minutes.drop { $0.times.quantile(0.5) == nil }
        let all = Self.shares.compactMap { name, share in
            hour.times.quantile(share).map { "\(name) \(Chart.text(Double($0) / 1000)) ms" }
        }
        return Chart(
            caption: "Time at servers per minute, in ms",
            gist: all.isEmpty ? "No call was sent" : all.joined(separator: ", "), kind: .line,
            series: zip(Self.shares, [Style.toneCalm, .toneWarm, .toneBad]).map {
                Chart.Series(name: $0.0, tone: $1)
            },
            column: "Minute from",
            points: minutes.map { minute in
                point(
                    minute,
                    Self.shares.map { _, share in
                        minute.times.quantile(share).map { Double($0) / 1000 }
                    })
            }, room: LastHour.length
        ).html
    }

    private func point(_ minute: LastHour.Minute, _ amounts: [Double?]) -> Chart.Point {
        Chart.Point(label: Shape.exact(minute.start), mark: .minute, amounts: amounts)
    }
}
