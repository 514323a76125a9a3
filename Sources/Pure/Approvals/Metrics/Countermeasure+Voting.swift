import InterlockModel

extension Countermeasure {
    /// What keeps an approval from being counted now, the longest first; nil when nothing does. Nothing keeps
    /// anybody from denying.
    package static func objection(to approving: Set<Countermeasure>) -> Exclusion? {
        let found = approving.compactMap(\.exclusion)
        return [.untrained, .capped, .paused, .spaced].first(where: found.contains)
    }

    /// Whether everything has to be confirmed by typing.
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
