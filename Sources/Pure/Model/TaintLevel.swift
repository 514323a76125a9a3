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

    package static func < (a: TaintLevel, b: TaintLevel) -> Bool { a.rawValue < b.rawValue }
}
