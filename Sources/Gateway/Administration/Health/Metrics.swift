import InterlockGovernor
import InterlockModel

/// `/metrics` in the Prometheus text format: every metric has HELP and TYPE, no label has a value that an agent can
/// choose, and the output never exceeds `maximumSeries` series.
///
/// INVARIANT: no label of a metric has a value that an agent chose, and a scrape has at most 10,000 series. Kept by
/// `MetricsTests`, `test_prometheus.py`.
struct Metrics {
    let gateway: Gateway
    let approvals: ApprovalService
    let started: ClockReading

    static let maximumSeries = 10_000

    var text: String { text(of: MetricFamily.all) }

    func text(of families: [MetricFamily]) -> String {
        let source = MetricSource(gateway: gateway, approvals: approvals, started: started)
        // Reserves space for metrics without labels, so that labelled series cannot displace them.
        var room = Self.maximumSeries - families.count { $0.labels.isEmpty }
        var text = ""
        for family in families {
            var samples = family.read(source)
            if !family.labels.isEmpty {
                if samples.count > room {
                    // A histogram is written with all of its series or not at all.
                    while samples.count > room, let last = samples.last?.labels {
                        let kept = samples.count
                        samples.removeLast(
                            family.kind == .histogram
                                ? samples.reversed().prefix { $0.labels == last }.count
                                : kept - room)
                        gateway.tally.drop(kept - samples.count)
                    }
                }
                room -= samples.count
            }
            guard !samples.isEmpty else { continue }
            let name = "interlock_" + family.name
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind.rawValue)\n"
            for sample in samples {
                var (names, values) = (family.labels, sample.labels)
                if let bound = sample.bound {
                    names.append("le")
                    values.append(bound)
                }
                text += name + sample.suffix + Self.labels(names, values) + " \(sample.value)\n"
            }
        }
        return text
    }

    private static func labels(_ names: [String], _ values: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let parts = zip(names, values).map { "\($0)=\"\(escaped($1))\"" }
        return "{" + parts.joined(separator: ",") + "}"
    }

    /// Escapes backslash, quote and line feed, as the format requires.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
