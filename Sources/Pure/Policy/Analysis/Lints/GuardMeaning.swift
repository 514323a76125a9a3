import InterlockModel

/// The properties of a guard that the lints need, computed once.
struct GuardMeaning {
    /// The truth of the guard, or nil if the analysis reached a limit.
    let truth: Ternary?
    let isNeverTrue: Bool
    let isAlwaysTrue: Bool
    let isAlwaysFalse: Bool
    let isNeverFalse: Bool
    /// True if the guard depends on expressions that the analysis treats as opaque, or if the analysis
    /// reached a limit.
    let isOpaque: Bool

    init(_ truth: Ternary?, in domain: InputDomain) {
        self.truth = truth
        func isEmpty(_ region: (Ternary) -> Region) -> Bool {
            truth.map { region($0).isShownEmpty(in: domain) } ?? false
        }
        isNeverTrue = isEmpty(\.isTrue)
        isAlwaysTrue = isEmpty(\.isNotTrue)
        isAlwaysFalse = isEmpty(\.isNotFalse)
        isNeverFalse = isEmpty(\.isFalse)
        let cubes = truth.map { $0.isTrue.cubes + $0.isFalse.cubes }
        isOpaque = cubes?.contains(where: \.isOpaque) ?? true
    }
}

/// The meanings of a policy's guards, shared by the agents that use them.
final class GuardMeanings {
    private var meanings: [GuardUse: GuardMeaning] = [:]

    func known(_ use: GuardUse, _ make: () -> GuardMeaning) -> GuardMeaning {
        if let known = meanings[use] { return known }
        let made = make()
        meanings[use] = made
        return made
    }
}

extension Region {
    /// Returns true only if the region is provably empty.
    package func isShownEmpty(in domain: InputDomain) -> Bool {
        // The preferred time does not matter, because the witness is not used.
        if case .empty = emptiness(in: domain, prefer: Timestamp(microseconds: 0)) { return true }
        return false
    }
}
