import InterlockGovernor
import InterlockModel
import InterlockPorts

/// One metric: what it is called, what it means, which labels its series have. Labels take their values from
/// closed sets alone: agents of the registry, pinned tools, codes and words of this program, else `other`.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    /// Without the prefix `interlock_`.
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

    /// One series; none while there is no value.
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
    /// In the order of the family's labels.
    let labels: [String]
    /// As the format has it.
    let value: String
    /// Of a histogram's series, behind the family's name.
    private(set) var suffix = ""
    /// Of a bucket, in seconds.
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

    /// The series of a histogram, in seconds: its buckets, its sum, its count.
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

/// What metrics are read from.
struct MetricSource: Sendable {
    let gateway: Gateway
    let approvals: ApprovalService
    let started: ClockReading
}

extension MetricFamily {
    /// Every metric as a row of `docs/metrics.md`.
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
