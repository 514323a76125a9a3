import InterlockAdministration

/// One sentence about all checks. It is good only if every check passed or is of a part that is not set up: what is
/// unknown is not well.
struct HealthSummary {
    let checks: [HealthCheck]

    var html: HTML {
        let passed = checks.count { $0.state == .working }
        let open = names(.problem) + names(.attention)
        guard open.isEmpty else { return warning("Needs attention: ", open) }
        let unknown = names(.unknown)
        guard unknown.isEmpty, !checks.isEmpty else { return warning("Unknown: ", unknown) }
        return passed == checks.count
            ? notice(.good) { "All \(passed) checks passed" }
            : notice(.good) {
                "\(passed) of \(checks.count) checks passed, the others are not set up"
            }
    }

    private func names(_ state: HealthCheck.State) -> [String] {
        checks.filter { $0.state == state }.map(HealthTable.name(of:))
    }

    private func warning(_ title: String, _ names: [String]) -> HTML {
        notice(.warning) {
            element(.strong) { title }
            names.isEmpty ? "all parts" : names.joined(separator: ", ")
        }
    }
}
