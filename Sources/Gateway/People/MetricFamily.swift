import InterlockModel

/// One metric: what it is called, what it means, which labels its series have. Labels take their values from
/// closed sets alone: agents of the registry, pinned tools, codes and words of this program, else `other`.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge }

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
    let value: Int64

    init(_ value: Int64, _ labels: [String] = []) {
        self.labels = labels
        self.value = value
    }
}

/// What metrics are read from.
struct MetricSource: Sendable {
    let gateway: Gateway
    let started: Moment
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
