import InterlockModel
import InterlockPolicy

/// Steps 1, 2 and 4 of the decision (docs/specs/policy.md, section 4.2) as sets of inputs.
struct CellRegions {
    let cell: Cell
    let controls: Controls
    let column: Controls.Column
    /// The number of people who can vote on calls without an effect that excludes the owner, and on calls
    /// with one.
    let voters: Int
    let votersWithoutOwner: Int

    /// Evaluates a guard over all inputs; a nil guard is always true.
    typealias Truth = (GuardText?) throws(AnalysisLimit) -> Ternary

    /// Every input is in one case of a permit, or in at least one of a denial.
    func cases(_ truth: Truth) throws(AnalysisLimit) -> [CellCase] {
        guard cell.isReachable else { return [unreachable] }
        let granted = try grantedRegions(truth)
        let (forbidden, permitted) = try forbiddenCases(truth)
        let base = try granted.any.intersection(permitted)
        var cases = forbidden
        cases.append(
            CellCase(verdict: .deny, reason: .guardFalse, rules: [], region: granted.none))
        for verdict in possibleControls {
            let here = CellCase(
                verdict: verdict, reason: .controls, rules: rules(leadingTo: verdict),
                region: try base.intersection(try controlled(exactly: verdict, truth)))
            guard verdict == .allow else {
                cases += try decided(here, truth)
                continue
            }
            cases.append(try here.within(granted.attested))
            let asked = CellCase(
                verdict: .approve(1), reason: .approvalRequired, rules: here.rules, control: .allow,
                isUnattested: cell.approvalEntry == nil, region: here.region)
            cases += try decided(try asked.within(granted.unattested), truth)
        }
        return cases
    }

    func verdicts(_ truth: Truth) throws(AnalysisLimit) -> VerdictRegions {
        try VerdictRegions(try cases(truth))
    }

    /// The denial of a tool that is above the tier or always forbidden.
    private var unreachable: CellCase {
        CellCase(
            verdict: .deny, reason: cell.isForbiddenAlways ? .forbid : .noGrant,
            rules: cell.isForbiddenAlways ? Array(cell.forbids.prefix(1)) : [],
            region: .everything)
    }

    /// Divides an approval into the calls that enough people can decide, and those that are denied because
    /// too few can: the owner does not count for some effects.
    private func decided(_ part: CellCase, _ truth: Truth) throws(AnalysisLimit) -> [CellCase] {
        guard case .approve(let people) = part.verdict else { return [part] }
        if people <= votersWithoutOwner { return [part] }
        if people > voters || cell.effects.excludesOwner { return [part.undecidable()] }
        var excluding = Region.nothing
        var including = Region.everything
        let rules = cell.effectRules.filter { $0.addedEffect.excludesOwner }
        for rule in rules {
            let condition = try truth(rule.when)
            excluding = try excluding.union(condition.isNotFalse)
            including = try including.intersection(condition.isFalse)
        }
        return [try part.within(including), try part.undecidable(rules).within(excluding)]
    }

    private struct Granted {
        /// The inputs that any grant covers, and those that no grant covers.
        let any: Region
        let none: Region
        /// The inputs for which allow becomes approve, because `approval_required` names the tool or only a
        /// sandboxed grant covers an unattested call; and all others.
        let unattested: Region
        let attested: Region
    }

    private func grantedRegions(_ truth: Truth) throws(AnalysisLimit) -> Granted {
        var plain = Ternary.never
        var sandboxed = Ternary.never
        for (grant, window) in allGrants {
            let live = try truth(grant.when).and(window)
            if grant.sandboxedOnly {
                sandboxed = try sandboxed.or(live)
            } else {
                plain = try plain.or(live)
            }
        }
        if cell.grants.isEmpty, cell.approvalEntry != nil {
            // If no scope names the tool, the entry of `approval_required` itself grants it.
            plain = .always
        }
        let any = try plain.isTrue.union(sandboxed.isTrue)
        let none = try plain.isNotTrue.intersection(sandboxed.isNotTrue)
        guard cell.approvalEntry == nil else {
            return Granted(any: any, none: none, unattested: .everything, attested: .nothing)
        }
        let needsSandbox = try plain.isNotTrue.intersection(sandboxed.isTrue)
        let isSandboxed = InputPath.place(["call", "sandboxed"])
        let outside = Region([Cube([isSandboxed: Constraint(.false)])])
        let inside = Region([Cube([isSandboxed: Constraint(.true)])])
        return Granted(
            any: any, none: none, unattested: try needsSandbox.intersection(outside),
            attested: try plain.isTrue.union(try sandboxed.isTrue.intersection(inside)))
    }

    private var allGrants: [(GrantSpec, Ternary)] {
        cell.grants.map { ($0, .always) }
            + cell.elevations.flatMap { elevation in
                let window = Ternary(from: elevation.from, until: elevation.until)
                return elevation.grants.map { ($0, window) }
            }
    }

    /// The denials by forbids, and the inputs that no forbid denies.
    private func forbiddenCases(
        _ truth: Truth
    ) throws(AnalysisLimit) -> (forbidden: [CellCase], permitted: Region) {
        var forbidden: [CellCase] = []
        var permitted = Region.everything
        for rule in cell.forbids {
            let condition = try truth(rule.when)
            forbidden.append(
                CellCase(
                    verdict: .deny, reason: .forbid, rules: [rule], region: condition.isNotFalse))
            permitted = try permitted.intersection(condition.isFalse)
        }
        return (forbidden, permitted)
    }

    /// The effect rules any of which makes the verdict as strict as this.
    private func rules(leadingTo verdict: Verdict) -> [RuleSpec] {
        verdict > unconditional ? cell.effectRules.filter { self.verdict($0) == verdict } : []
    }

    private var unconditional: Verdict {
        cell.effects.effects.map { controls[$0][column] }.max() ?? .deny
    }

    private var possibleControls: [Verdict] {
        Set([unconditional] + cell.effectRules.map(verdict)).filter { $0 >= unconditional }.sorted()
    }

    private func verdict(_ rule: RuleSpec) -> Verdict {
        rule.adds.map { controls[$0][column] } ?? .allow
    }

    /// The inputs for which the strictest control among the call's effects is exactly `verdict`.
    private func controlled(
        exactly verdict: Verdict, _ truth: Truth
    ) throws(AnalysisLimit) -> Region {
        var region = Region.everything
        var reaching = verdict == unconditional ? Region.everything : .nothing
        for rule in cell.effectRules {
            let control = self.verdict(rule)
            if control > verdict {
                region = try region.intersection(try truth(rule.when).isFalse)
            } else if control == verdict, verdict > unconditional {
                reaching = try reaching.union(try truth(rule.when).isNotFalse)
            }
        }
        return try region.intersection(reaching)
    }
}

/// The inputs that receive each verdict, for one tool of one agent. The sets are disjoint and together
/// contain every input. Halts, pins, reviews, hours and limits are not included; `DataComparison` and
/// `PolicyComparison` compare those that the policy states.
struct VerdictRegions: Sendable {
    let regions: [Verdict: Region]

    /// The regions of a tool that is not granted: every input is denied.
    static let denied = VerdictRegions(regions: [.deny: .everything])

    /// The verdicts that some input may receive, most permissive first.
    var verdicts: [Verdict] { regions.filter { !$0.value.isNothing }.keys.sorted() }

    subscript(verdict: Verdict) -> Region { regions[verdict] ?? .nothing }
}
