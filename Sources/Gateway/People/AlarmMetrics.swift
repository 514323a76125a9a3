import InterlockMonitoring

/// Alarms and channels in `/metrics`. Labels are of closed sets: detectors, series, channels of the configuration.
struct AlarmMetrics {
    private let figures: AlarmBoard.Figures

    init(_ figures: AlarmBoard.Figures) { self.figures = figures }

    var text: String {
        var text = ""
        func add(_ name: String, _ type: String, _ help: String, _ lines: [(String, String)]) {
            text += "# HELP interlock_\(name) \(help)\n# TYPE interlock_\(name) \(type)\n"
            for (labels, value) in lines { text += "interlock_\(name){\(labels)} \(value)\n" }
        }
        add(
            "alarms_total", "counter", "Alarms by what noticed them and what was watched.",
            figures.raised.sorted { $0.key < $1.key }.map { kind, count in
                ("detector=\"\(kind.detector)\",series=\"\(kind.series)\"", "\(count)")
            })
        add(
            "alarm_precision", "gauge",
            "Share of the alarms of 30 days that people found to be something.",
            figures.precisions.sorted { $0.key < $1.key }.compactMap { detector, precision in
                precision.value.map { ("detector=\"\(detector)\"", "\($0)") }
            })
        add(
            "alerts_total", "counter", "Alerts by channel and what became of them.",
            figures.channels.flatMap { standing in
                [("delivered", standing.delivered), ("undelivered", standing.undelivered)].map {
                    ("channel=\"\(standing.channel)\",result=\"\($0.0)\"", "\($0.1)")
                }
            })
        add(
            "alerts_waiting", "gauge", "Alerts that wait for their channel.",
            figures.channels.map { ("channel=\"\($0.channel)\"", "\($0.waiting)") })
        return text
    }
}
