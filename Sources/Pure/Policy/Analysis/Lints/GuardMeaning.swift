import InterlockModel

/// What the lints ask of a guard, found out once.
struct GuardMeaning {
    /// nil: too large to tell.
    let truth: Ternary?
    let isNeverTrue: Bool
    let isAlwaysTrue: Bool
    let isAlwaysFalse: Bool
    let isNeverFalse: Bool
    /// It rests on expressions that the analysis does not look into.
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

/// The meanings of a policy's guards, whoever uses them.
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
    /// Not when that cannot be told.
    func isShownEmpty(in domain: InputDomain) -> Bool {
        // No time is special here: any will do as the witness's.
        if case .empty = emptiness(in: domain, prefer: Timestamp(microseconds: 0)) { return true }
        return false
    }
}
