package import InterlockModel

/// The result of deciding a mutant (docs/specs/evals.md, section 3).
package enum MutantFate: Sendable, Hashable {
    /// It was decided as strictly as the original, or the class of the case demands no more than a verdict.
    case held
    /// A mutant of a call that must be refused was decided more permissively.
    case laxer(Verdict)
    /// The decision ended without a verdict.
    case undecided

    /// - Parameters:
    ///   - original: the verdict on the case itself.
    ///   - decided: the verdict on the mutant, or nil if there was none. Arguments that the gateway refuses before the
    ///     decision are `.deny`.
    package init(of caseClass: CaseClass, original: Verdict, decided: Verdict?) {
        guard let decided else {
            self = .undecided
            return
        }
        switch caseClass {
        case .refuse, .adversarial, .incident:
            self = decided < original ? .laxer(decided) : .held
        case .golden, .allow, .ambiguous: self = .held
        }
    }

    /// One line for a mutant that did not hold, or nil.
    package func text(of mutant: ArgumentMutant, original: Verdict) -> String? {
        switch self {
        case .held: nil
        case .laxer(let verdict):
            "mutant `\(mutant.kind.rawValue)` \(mutant.change): \(verdict), the original \(original)"
        case .undecided: "mutant `\(mutant.kind.rawValue)` \(mutant.change): no verdict"
        }
    }
}

extension EvalCase {
    /// Decides the mutants of a policy case and returns a line for each that did not hold; empty for other cases.
    ///
    /// - Parameter decide: the verdict on the arguments, by the way of a real call: text that the gateway refuses to
    ///   read is `.deny`, and nil is no verdict.
    package func failedMutants(
        seed: UInt64, original: Verdict, decide: (ArgumentMutant) -> Verdict?
    ) -> [String] {
        guard case .policy(let policy) = body else { return [] }
        return policy.mutants(seed: seed).all.compactMap { mutant in
            MutantFate(of: caseClass, original: original, decided: decide(mutant))
                .text(of: mutant, original: original)
        }
    }
}
