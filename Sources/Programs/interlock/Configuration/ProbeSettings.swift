import InterlockApprovals
import InterlockPolicy

/// The frequency of probes (docs/specs/approvals.md, sections 12 and 13).
struct ProbeSettings: Sendable, Equatable {
    /// The share of all requests, 0 to 0.5.
    var rate = 0.01
    /// The minimum for each person in 30 days, 0 to 100.
    var leastPerMonth = 1

    /// Is nil if no probes are sent.
    var plan: ProbePlan? {
        rate == 0 && leastPerMonth == 0
            ? nil : ProbePlan(rate: rate, leastPerMonth: leastPerMonth)
    }
}

extension Setting {
    /// `{rate: 0.01, min_per_month: 1}`
    static func probes(_ name: String, _ path: Path<ProbeSettings>, _ about: String) -> Setting {
        Setting(
            name: name, form: "`{rate, min_per_month}`", about: about,
            text: { configuration in
                let probes = configuration[keyPath: path]
                return "{rate: \(probes.rate), min_per_month: \(probes.leastPerMonth)}"
            },
            read: { (node, configuration) throws(ValueError) in
                configuration[keyPath: path] = try ProbeText.read(node)
            })
    }
}

private enum ProbeText {
    private static let expected =
        "a map with `rate`, 0 to 0.5, and `min_per_month`, 0 to 100; each once, or left out"

    static func read(_ node: YAMLNode) throws(Setting.ValueError) -> ProbeSettings {
        guard case .mapping(let entries) = node.content else {
            throw Setting.ValueError(expected: expected)
        }
        var settings = ProbeSettings()
        var seen: Set<String> = []
        for entry in entries {
            guard case .scalar(let scalar) = entry.value.content, seen.insert(entry.key).inserted
            else { throw Setting.ValueError(expected: expected) }
            switch entry.key {
            case "rate":
                guard let rate = plain(scalar.text) else {
                    throw Setting.ValueError(expected: expected)
                }
                settings.rate = rate
            case "min_per_month":
                guard let count = Int(scalar.text), "\(count)" == scalar.text else {
                    throw Setting.ValueError(expected: expected)
                }
                settings.leastPerMonth = count
            default: throw Setting.ValueError(expected: expected)
            }
        }
        guard ProbePlan(rate: settings.rate, leastPerMonth: settings.leastPerMonth) != nil else {
            throw Setting.ValueError(expected: expected)
        }
        return settings
    }

    /// Parses digits with at most one point: no exponent, no `nan`.
    private static func plain(_ text: String) -> Double? {
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
        return Double(text)
    }
}
