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

    func verdicts(_ truth: Truth) throws(AnalysisLimit) -> VerdictRegions {
        guard cell.isReachable else { return .denied }
        let granted = try grantedRegions(truth)
        let (forbidden, permitted) = try forbiddenRegions(truth)
        let base = try granted.any.intersection(permitted)
        var regions: [Verdict: Region] = [.deny: try granted.none.union(forbidden)]
        func add(_ region: Region, to verdict: Verdict) throws(AnalysisLimit) {
            let target = canBeDecided(verdict) ? verdict : .deny
            regions[target] = try (regions[target] ?? .nothing).union(region)
        }
        for verdict in possibleControls {
            let here = try base.intersection(try controlled(exactly: verdict, truth))
            if verdict == .allow {
                try add(try here.intersection(granted.attested), to: .allow)
                try add(try here.intersection(granted.unattested), to: .approve(1))
            } else {
                try add(here, to: verdict)
            }
        }
        return VerdictRegions(regions: regions)
    }

    /// Returns false for an approval that requires more people than can vote. Such a call is denied.
    private func canBeDecided(_ verdict: Verdict) -> Bool {
        guard case .approve(let people) = verdict else { return true }
        let excludesOwner = cell.allEffects.has(.spendsMoney) || cell.allEffects.has(.production)
        return people <= (excludesOwner ? votersWithoutOwner : voters)
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

    private func forbiddenRegions(
        _ truth: Truth
    ) throws(AnalysisLimit) -> (forbidden: Region, permitted: Region) {
        var forbidden = Region.nothing
        var permitted = Region.everything
        for rule in cell.forbids {
            let condition = try truth(rule.when)
            forbidden = try forbidden.union(condition.isNotFalse)
            permitted = try permitted.intersection(condition.isFalse)
        }
        return (forbidden, permitted)
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
    private(set) var regions: [Verdict: Region]

    /// The regions of a tool that is not granted: every input is denied.
    static let denied = VerdictRegions(regions: [.deny: .everything])

    /// The verdicts that some input may receive, most permissive first.
    var verdicts: [Verdict] { regions.filter { !$0.value.isNothing }.keys.sorted() }

    subscript(verdict: Verdict) -> Region { regions[verdict] ?? .nothing }
}
