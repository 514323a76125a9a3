import InterlockModel

/// For which inputs each verdict is given, for one tool of one agent: the sets have nothing in common
/// and together hold every input. Halts, pins, reviews, hours and limits are not in them: those are
/// compared as data.
struct VerdictRegions: Sendable {
    private(set) var regions: [Verdict: Region]

    /// What is not granted.
    static let denied = VerdictRegions(regions: [.deny: .everything])

    /// The verdicts that some input may be given, easiest first.
    var verdicts: [Verdict] { regions.filter { !$0.value.isNothing }.keys.sorted() }

    subscript(verdict: Verdict) -> Region { regions[verdict] ?? .nothing }
}
