import InterlockModel

extension Countermeasure {
    /// Returns the longest-lasting reason not to count an approval now, or nil if it counts. Denials are never
    /// prevented.
    package static func objection(to approving: Set<Countermeasure>) -> Exclusion? {
        let found = approving.compactMap(\.exclusion)
        return [.untrained, .capped, .paused, .spaced].first(where: found.contains)
    }

    /// Returns whether every request must be confirmed by typing.
    package static func asksTyping(_ measures: Set<Countermeasure>) -> Bool {
        measures.contains { if case .slowReading = $0 { true } else { false } }
    }

    private var exclusion: Exclusion? {
        switch self {
        case .retraining: .untrained
        case .capped: .capped
        case .pause: .paused
        case .spaced: .spaced
        case .slowReading, .doubledProbes: nil
        }
    }
}
