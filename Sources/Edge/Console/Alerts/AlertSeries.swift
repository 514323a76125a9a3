import InterlockAlerts
import InterlockMarkup
import InterlockModel

/// The series that raised an alert: its windows up to that time, and each detector's result for the last one.
struct AlertSeries {
    let window: AlertWindow
    let name: String

    @HTMLBuilder var content: [HTML] {
        element(.p) {
            SafeText.text(name)
            ", counted in windows of \(window.seconds) s. Usual at that hour: \(window.expected)."
        }
        chart.html
        if !window.readings.isEmpty { readings.html }
    }

    private var chart: Chart {
        let before = window.before.enumerated().map { place, count in
            point("\(window.before.count - place) before", "-\(window.before.count - place)", count)
        }
        return Chart(
            caption: "Count per window",
            gist: "\(window.count) in the last window, where \(window.expected) is usual",
            kind: .line,
            series: [
                Chart.Series(name: "Counted", tone: .toneBad),
                Chart.Series(name: "Usual", tone: .toneCalm),
            ], column: "Window",
            points: before + [point("that of the alert", "alert", window.count)])
    }

    private func point(_ name: String, _ mark: String, _ count: Int) -> Chart.Point {
        Chart.Point(
            label: .text(name), mark: .words(mark),
            amounts: [Double(count), Double(window.expected)])
    }

    private var readings: Table {
        Table(
            "Detectors, last window",
            [.name("Detector"), .number("Value"), .number("Limit"), .state("Over the limit")],
            window.readings
        ) { reading in
            [
                .group(AlertLabels.detector(reading.detector)),
                .text(Self.decimal(reading.statistic)),
                .text(Self.decimal(reading.threshold)), .text(reading.isOver ? "yes" : "no"),
            ]
        }
    }

    /// Formats thousandths: `-1.250`.
    private static func decimal(_ thousandths: Int64) -> String {
        let size = thousandths.magnitude
        let rest = String(size % 1000)
        return (thousandths < 0 ? "-" : "") + "\(size / 1000)."
            + String(repeating: "0", count: 3 - rest.count) + rest
    }
}
