import InterlockModel

/// The bounds of `drill_every` (docs/specs/kill-switch.md, section 9).
enum DrillInterval {
    /// Longer intervals are errors: a kill switch that is not rehearsed for a quarter counts as none.
    static let longest = Duration.seconds(92 * 86_400)
    /// Longer intervals are findings (W229).
    static let monthly = Duration.seconds(31 * 86_400)

    /// The interval in whole days, for messages.
    static func days(_ interval: Duration) -> String {
        "\(interval.components.seconds / 86_400)d"
    }
}

/// Reports a kill switch whose rehearsals may be more than a quarter apart (E205).
func checkDrill(_ value: TypedValue, _ findings: inout Findings) {
    guard let every = value["drill_every"], let seconds = every.seconds,
        .seconds(seconds) > DrillInterval.longest
    else { return }
    findings.add(
        .outOfRange, at: every,
        "kill_switch: `drill_every` is longer than \(DrillInterval.days(DrillInterval.longest))",
        help: "rehearse the kill switch each quarter at least: `org-wide, tested quarterly`")
}
