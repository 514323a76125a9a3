/// The maximum size of a value, as far as a schema or a literal states it. It is the counterpart of a type.
package indirect enum CELExtent: Sendable, Hashable {
    /// The size is unknown: a string or a collection of any size.
    case unstated
    /// Numbers, bool, null and times, whose size does not matter.
    case fixed
    /// A string or bytes of at most this many bytes, or nil if no maximum is stated.
    case text(bytes: Int?)
    case list(items: Int?, CELExtent)
    /// The values of known keys, and of all others.
    case map(items: Int?, fields: [String: CELExtent], others: CELExtent)

    func field(_ name: String) -> CELExtent {
        switch self {
        case .map(_, let fields, let others): fields[name] ?? others
        case .unstated, .fixed, .text, .list: .unstated
        }
    }

    /// The extent of any element of a list, or of any value of a map.
    var element: CELExtent {
        switch self {
        case .list(_, let element): element
        case .map(_, let fields, let others): fields.values.reduce(others) { $0.joined(with: $1) }
        case .unstated, .fixed, .text: .unstated
        }
    }

    /// The extent of a value that has one of both extents.
    func joined(with other: CELExtent) -> CELExtent {
        switch (self, other) {
        case (.fixed, let other): other
        case (let this, .fixed): this
        case (.text(let a), .text(let b)): .text(bytes: Self.larger(a, b))
        case (.list(let a, let element), .list(let b, let other)):
            .list(items: Self.larger(a, b), element.joined(with: other))
        case (.map(let a, let fields, let others), .map(let b, let otherFields, let otherOthers)):
            .map(
                items: Self.larger(a, b),
                fields: fields.merging(otherFields) { $0.joined(with: $1) },
                others: others.joined(with: otherOthers))
        default: .unstated
        }
    }

    private static func larger(_ a: Int?, _ b: Int?) -> Int? {
        a.flatMap { a in b.map { max(a, $0) } }
    }
}
