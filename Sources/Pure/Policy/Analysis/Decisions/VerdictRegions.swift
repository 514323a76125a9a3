import InterlockModel

/// The inputs that receive each verdict, for one tool of one agent. The sets are disjoint and together
/// contain every input. Halts, pins, reviews, hours and limits are not included; `DataComparison` and
/// `PolicyComparison` compare those that the policy states.
struct VerdictRegions: Sendable {
    private(set) var regions: [Verdict: Region]

    /// The regions of a tool that is not granted: every input is denied.
    static let denied = VerdictRegions(regions: [.deny: .everything])

    /// The verdicts that some input may receive, most permissive first.
    var verdicts: [Verdict] { regions.filter { !$0.value.isNothing }.keys.sorted() }

    subscript(verdict: Verdict) -> Region { regions[verdict] ?? .nothing }
}
