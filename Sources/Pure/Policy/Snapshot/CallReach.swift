package import InterlockModel

/// The kinds of calls that the table of docs/specs/output-safety.md, section 7, tells apart, from the mildest to the
/// gravest.
package enum CallReach: Int, Sendable, Comparable, CaseIterable {
    /// It only reads, and sends nothing out, so it is not consequential.
    case reads
    /// Its effects can be undone, and stay inside the organisation.
    case contained
    /// Data or messages leave the organisation.
    case outward
    /// It is irreversible, spends money or is about production.
    case grave

    private static let reading: EffectSet = [EffectSet(.read), EffectSet(.sensitiveData)]
    private static let undoable: EffectSet = [EffectSet(.read), EffectSet(.reversible)]
    private static let gravest: [Effect] = [.irreversible, .spendsMoney, .production]

    /// - Parameters:
    ///   - effects: those of this call, with those that effect rules add to it.
    ///   - isOfHost: true for a coding agent's own tool. One tool of these has calls of all kinds, so its effects alone
    ///     count.
    ///   - sends: true if a call passes data out, whatever its effects: it is then at least outward.
    package init(_ effects: EffectSet, _ toolClass: ToolClass, isOfHost: Bool, sends: Bool) {
        let own: CallReach
        if effects.isSubset(of: Self.reading), toolClass == .read || isOfHost {
            own = .reads
        } else if effects.isSubset(of: Self.undoable) {
            own = .contained
        } else {
            own = Self.gravest.contains(where: effects.has) ? .grave : .outward
        }
        self = sends ? max(own, .outward) : own
    }

    package static func < (a: CallReach, b: CallReach) -> Bool { a.rawValue < b.rawValue }
}

extension TaintSpec {
    /// Returns the verdict of this rule alone about a call.
    func verdict(_ reach: CallReach, _ level: TaintLevel, _ label: ValueLabel) -> Verdict {
        guard reach > .reads else { return .allow }
        guard !isStrict else {
            guard level > .clean else { return .allow }
            return deniesGrave && level == .hostile && reach > .contained ? .deny : .approve(1)
        }
        switch ProvenanceTable.cell(level, label, reach) {
        case .policy: return .allow
        case .approve: return .approve(1)
        case .approveOrDeny: return deniesGrave ? .deny : .approve(1)
        }
    }

    /// Returns true if there is a run and a label for which people have to decide about such a call.
    func mayAsk(_ reach: CallReach) -> Bool {
        TaintLevel.allCases.contains { level in
            ValueLabel.allCases.contains { verdict(reach, level, $0).needsPeople }
        }
    }

    /// Returns the stricter one of the ruling without this rule and of this rule.
    func tightened(
        _ ruling: Ruling, _ reach: CallReach, _ level: TaintLevel, _ label: ValueLabel
    ) -> Ruling {
        let verdict = verdict(reach, level, label)
        guard ruling.verdict < verdict else { return ruling }
        return Ruling(
            verdict: verdict, reason: verdict == .deny ? .taintDenied : .taintApproval, rule: path,
            place: place)
    }

    /// Returns the stricter one of a ruling and of the rule about what a call carries out in addition to its effect, which
    /// counts in each mode and for reads too.
    func tightened(
        _ ruling: Ruling, by channel: DecisionFacts.SideChannel?, _ level: TaintLevel
    ) -> Ruling {
        let verdict: Verdict
        switch channel {
        case nil: return ruling
        case .longQuery?: verdict = .approve(1)
        case .sensitiveText?: verdict = level == .hostile ? .deny : .approve(1)
        }
        guard ruling.verdict < verdict else { return ruling }
        return Ruling(
            verdict: verdict, reason: verdict == .deny ? .taintDenied : .taintApproval, rule: path,
            place: place)
    }
}
