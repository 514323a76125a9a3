import InterlockGovernor
import InterlockModel
import InterlockPorts

/// The name, meaning and labels of one metric. Labels take values from closed sets only: registered agents, pinned
/// tools, codes and fixed words; any other value becomes `other`.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    /// The name without the prefix `interlock_`.
    package let name: String
    package let kind: Kind
    package let help: String
    package let labels: [String]
    let read: @Sendable (MetricSource) -> [MetricSample]

    init(
        _ name: String, _ kind: Kind, _ help: String, labels: [String] = [],
        series read: @escaping @Sendable (MetricSource) -> [MetricSample]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.read = read
    }

    /// A metric with a single series, which is absent while `read` returns nil.
    init(
        _ name: String, _ kind: Kind, _ help: String,
        _ read: @escaping @Sendable (MetricSource) -> Int64?
    ) {
        self.init(name, kind, help) { source in
            read(source).map { [MetricSample($0)] } ?? []
        }
    }
}

/// The value of one series.
package struct MetricSample: Sendable, Hashable {
    /// The label values, in the order of the family's labels.
    let labels: [String]
    /// The number as the exposition format writes it.
    let value: String
    /// The suffix after the family's name for a histogram's series.
    private(set) var suffix = ""
    /// The upper bound of a bucket, in seconds.
    private(set) var bound: String?

    init(_ value: Int64, _ labels: [String] = []) {
        self.labels = labels
        self.value = "\(value)"
    }

    init(fraction: Double, _ labels: [String] = []) {
        self.labels = labels
        value = "\(fraction)"
    }

    private init(_ value: String, _ labels: [String], _ suffix: String, bound: String? = nil) {
        self.labels = labels
        self.value = value
        self.suffix = suffix
        self.bound = bound
    }

    /// The series of a histogram: its buckets, sum and count; times are in seconds.
    static func samples(of times: Histogram, _ labels: [String] = []) -> [MetricSample] {
        let counts = times.cumulated
        let total = "\(counts.last ?? 0)"
        let buckets = zip(times.bounds, counts).map { bound, count in
            MetricSample("\(count)", labels, "_bucket", bound: seconds(bound))
        }
        return buckets + [
            MetricSample(total, labels, "_bucket", bound: "+Inf"),
            MetricSample(seconds(times.sumMicroseconds), labels, "_sum"),
            MetricSample(total, labels, "_count"),
        ]
    }

    private static func seconds(_ microseconds: Int64) -> String {
        "\(Double(microseconds) / 1_000_000)"
    }
}

/// The state that metrics are read from.
struct MetricSource: Sendable {
    let gateway: Gateway
    let approvals: ApprovalService
    let started: ClockReading
}

extension MetricFamily {
    /// Every metric as a row of the table in docs/metrics.md.
    package static var document: String {
        var text = "| metric | kind | labels | what it tells |\n|---|---|---|---|\n"
        for family in all {
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            text +=
                "| `interlock_\(family.name)` | \(family.kind.rawValue) | \(labels) | \(family.help) |\n"
        }
        return text
    }
}
