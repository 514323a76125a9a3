/// The level of a run: how much of what it has read outsiders can write. It never falls. Records have the raw value.
package enum TaintLevel: Int64, Sendable, Comparable, CaseIterable {
    case clean = 0
    /// It has read untrusted content, all of which was searched for markers of injections, and has none.
    case untrusted = 1
    case hostile = 2

    package var name: String {
        switch self {
        case .clean: "clean"
        case .untrusted: "untrusted"
        case .hostile: "hostile"
        }
    }

    /// - Parameter name: the word of the level, as `name` has it.
    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// The level that a test or a person states: clean if nothing is stated, and untrusted for `tainted: true` alone.
    /// Returns nil if the two contradict each other.
    package init?(stated level: TaintLevel?, isTainted: Bool?) {
        let implied = level ?? (isTainted == true ? .untrusted : .clean)
        guard isTainted.map({ $0 == (implied > .clean) }) ?? true else { return nil }
        self = implied
    }

    package static func < (a: TaintLevel, b: TaintLevel) -> Bool { a.rawValue < b.rawValue }
}
