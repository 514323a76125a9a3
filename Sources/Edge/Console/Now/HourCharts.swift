import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPorts

/// The calls of the last hour by minute, and how long servers took for them, with bands behind the minutes in which a
/// halt was in force. Each call is in one series: those that people approved are not in that of the allowed ones.
struct HourCharts {
    let hour: LastHour
    /// The halts that were in force within the hour, also those that have ended.
    var halts: [HaltSpan] = []

    private static let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]

    @HTMLBuilder var content: [HTML] {
        calls
        times
    }

    private var calls: HTML {
        let band = band(hour.minutes[...])
        let allowed = max(0, hour.allowed - hour.approved)
        return Chart(
            caption: "Calls per minute",
            gist: "\(allowed) allowed, \(hour.approved) approved, \(hour.denied) denied"
                + Self.sentence(band),
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
            room: LastHour.length, band: band
        ).html
    }

    /// A minute without calls has no time, which is not 0. The minutes before the first call are left out: they would be
    /// 15 kB of dashes.
    private var times: HTML {
        let minutes = hour.minutes.drop { $0.times.quantile(0.5) == nil }
        let band = band(minutes)
        let all = Self.shares.compactMap { name, share in
            hour.times.quantile(share).map { "\(name) \(Chart.text(Double($0) / 1000)) ms" }
        }
        return Chart(
            caption: "Time at servers per minute, in ms",
            gist: (all.isEmpty ? "No call was sent" : all.joined(separator: ", "))
                + Self.sentence(band),
            kind: .line,
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
            }, room: LastHour.length, band: band
        ).html
    }

    /// The number of halts in each of these minutes, or nil if there was none.
    private func band(_ minutes: ArraySlice<LastHour.Minute>) -> Chart.Band? {
        let counts = minutes.map { minute in
            let end = minute.start + .seconds(60)
            return halts.count { $0.touches(from: minute.start, until: end) }
        }
        return counts.contains { $0 > 0 } ? Chart.Band(name: "Active halts", counts: counts) : nil
    }

    /// The band in words, for those who do not see it.
    private static func sentence(_ band: Chart.Band?) -> String {
        guard let band else { return "" }
        return ". Halts were active in \(band.marked) of \(band.counts.count) minutes"
    }

    private func point(_ minute: LastHour.Minute, _ amounts: [Double?]) -> Chart.Point {
        Chart.Point(label: Shape.exact(minute.start), mark: .minute, amounts: amounts)
    }
}
