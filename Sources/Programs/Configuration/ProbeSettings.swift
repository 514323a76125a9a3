package import InterlockApprovals
import InterlockPolicy

/// The frequency of probes (docs/specs/approvals.md, sections 12 and 13).
package struct ProbeSettings: Sendable, Equatable {
    /// The share of all requests, 0 to 0.5.
    package var rate = 0.01
    /// The minimum for each person in 30 days, 0 to 100.
    package var leastPerMonth = 1

    /// Is nil if no probes are sent.
    package var plan: ProbePlan? {
        rate == 0 && leastPerMonth == 0 ? nil : ProbePlan(rate: rate, leastPerMonth: leastPerMonth)
    }

    /// - Returns: false if there is no such key, or the text is not a value of it.
    fileprivate mutating func set(_ key: String, to text: String) -> Bool {
        switch key {
        case "rate":
            guard let rate = Notation.number(text) else { return false }
            self.rate = rate
        case "min_per_month":
            guard let count = Int(text), "\(count)" == text else { return false }
            leastPerMonth = count
        default: return false
        }
        return true
    }
}

extension Setting {
    /// `{rate: 0.01, min_per_month: 1}`
    static func probes(_ name: String, _ path: Path<ProbeSettings>, _ about: String) -> Setting {
        let expected =
            "a map with `rate`, 0 to 0.5, and `min_per_month`, 0 to 100; each once, or left out"
        return Setting(
            name, path, about, form: "`{rate, min_per_month}`",
            text: { "{rate: \($0.rate), min_per_month: \($0.leastPerMonth)}" },
            read: { (node) throws(ValueError) in
                var settings = ProbeSettings()
                var seen: Set<String> = []
                for entry in try node.entries(expected) {
                    guard let text = entry.value.scalarText, seen.insert(entry.key).inserted,
                        settings.set(entry.key, to: text)
                    else { throw ValueError(expected: expected) }
                }
                guard ProbePlan(rate: settings.rate, leastPerMonth: settings.leastPerMonth) != nil
                else { throw ValueError(expected: expected) }
                return settings
            })
    }
}
