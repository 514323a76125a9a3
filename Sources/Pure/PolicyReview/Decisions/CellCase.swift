import InterlockModel
import InterlockPolicy

/// The inputs that receive one verdict for one reason, for one tool of one agent. Cases of a permit are
/// disjoint; a denial may have several reasons.
struct CellCase: Sendable {
    let verdict: Verdict
    let reason: DecisionReason
    /// The forbid that denies, or the effect rules any of which leads here; empty if none is needed.
    let rules: [RuleSpec]
    /// The grants that lead here only because they are for sandboxed calls.
    var isUnattested = false
    var region: Region

    /// The same reason for the inputs that are also in `region`.
    func within(_ region: Region) throws(AnalysisLimit) -> CellCase {
        var part = self
        part.region = try self.region.intersection(region)
        return part
    }

    /// The denial of calls that fewer people can decide than the verdict requires.
    ///
    /// - Parameter excluding: the rules that exclude the owner, if only calls with one of them are denied.
    func undecidable(_ excluding: [RuleSpec] = []) -> CellCase {
        CellCase(
            verdict: .deny, reason: .noApprovers, rules: rules.isEmpty ? excluding : rules,
            region: region)
    }
}

extension VerdictRegions {
    init(_ cases: [CellCase]) throws(AnalysisLimit) {
        var regions: [Verdict: Region] = [:]
        for part in cases {
            regions[part.verdict] = try (regions[part.verdict] ?? .nothing).union(part.region)
        }
        self.init(regions: regions)
    }
}
