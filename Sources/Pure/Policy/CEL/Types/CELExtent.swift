/// How large a value can be, as far as a schema or a literal says so. The parallel of a type.
package indirect enum CELExtent: Sendable, Hashable {
    /// Nothing is known: a string or a collection of any size.
    case unstated
    /// Numbers, bool, null, times: no size to speak of.
    case fixed
    /// A string or bytes of at most so many bytes; nil where nothing says so.
    case text(bytes: Int?)
    case list(items: Int?, CELExtent)
    /// Values of known keys, and of all others.
    case map(items: Int?, fields: [String: CELExtent], others: CELExtent)

    func field(_ name: String) -> CELExtent {
        switch self {
        case .map(_, let fields, let others): fields[name] ?? others
        case .unstated, .fixed, .text, .list: .unstated
        }
    }

    /// Of any element of a list, or any value of a map.
    var element: CELExtent {
        switch self {
        case .list(_, let element): element
        case .map(_, let fields, let others): fields.values.reduce(others) { $0.joined(with: $1) }
        case .unstated, .fixed, .text: .unstated
        }
    }

    /// Of a value that is as large as one of both.
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
