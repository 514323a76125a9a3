package import InterlockModel

/// The kinds of calls that the table of docs/specs/output-safety.md, section 7, tells apart, from the mildest to the
/// gravest.
package enum CallReach: Int, Sendable, Comparable, CaseIterable {
    /// It only reads, so it is not consequential.
    case reads
    /// Its effects can be undone, and stay inside the organisation.
    case contained
    /// Data or messages leave the organisation, or it is irreversible, spends money or is about production.
    case grave

    private static let reading: EffectSet = [EffectSet(.read), EffectSet(.sensitiveData)]
    private static let undoable: EffectSet = [EffectSet(.read), EffectSet(.reversible)]

    /// - Parameters:
    ///   - effects: those of this call, with those that effect rules add to it.
    ///   - isOfHost: true for a coding agent's own tool. One tool of these has calls of all kinds, so its effects alone
    ///     count.
    package init(_ effects: EffectSet, _ toolClass: ToolClass, isOfHost: Bool) {
        if effects.isSubset(of: Self.reading), toolClass == .read || isOfHost {
            self = .reads
        } else {
            self = effects.isSubset(of: Self.undoable) ? .contained : .grave
        }
    }

    package static func < (a: CallReach, b: CallReach) -> Bool { a.rawValue < b.rawValue }
}

extension TaintSpec {
    /// Returns the verdict of this rule alone about a call of such a run.
    ///
    /// - Parameter isHostile: false if what the run has read was searched for markers of injections and has none.
    func verdict(_ reach: CallReach, isHostile: Bool) -> Verdict {
        guard isStrict, reach > .reads else { return .allow }
        return deniesGrave && isHostile && reach == .grave ? .deny : .approve(1)
    }

    /// Returns the ruling about a call of a run that has read untrusted content: the stricter one of the ruling
    /// without this rule and of this rule.
    func tightened(_ ruling: Ruling, _ reach: CallReach, isHostile: Bool) -> Ruling {
        let verdict = verdict(reach, isHostile: isHostile)
        guard ruling.verdict < verdict else { return ruling }
        return Ruling(
            verdict: verdict, reason: verdict == .deny ? .taintDenied : .taintApproval, rule: path,
            place: place)
    }
}
