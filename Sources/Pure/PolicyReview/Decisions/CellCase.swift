import InterlockModel
import InterlockPolicy

/// The inputs that receive one verdict for one reason, for one tool of one agent. Cases of a permit are
/// disjoint; a denial may have several reasons.
struct CellCase: Sendable {
    let verdict: Verdict
    let reason: DecisionReason
    /// The forbid that denies, or the effect rules any of which leads here; empty if none is needed.
    let rules: [RuleSpec]
    /// The rules of which one has to apply besides, because it keeps the owner from voting; empty if none has to.
    var excluding: [RuleSpec] = []
    /// True for calls that only grants for sandboxed calls cover, and that come from no sandbox.
    var isUnattested = false
    /// The verdict of the controls, before anything makes it stricter.
    let control: Verdict
    var region: Region

    /// - Parameter control: the verdict of the controls, or nil if it is `verdict`.
    init(
        verdict: Verdict, reason: DecisionReason, rules: [RuleSpec], control: Verdict? = nil,
        isUnattested: Bool = false, region: Region
    ) {
        self.verdict = verdict
        self.reason = reason
        self.rules = rules
        self.control = control ?? verdict
        self.isUnattested = isUnattested
        self.region = region
    }

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
        var denial = CellCase(
            verdict: .deny, reason: .noApprovers, rules: rules, control: control,
            isUnattested: isUnattested, region: region)
        denial.excluding = excluding
        return denial
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
