/// A location of a call's input, such as `args`, `amount_cents`; or an expression that the analysis treats
/// as opaque, which has the same one of three values wherever it occurs.
package enum InputPath: Hashable, Sendable, Comparable {
    case place([String])
    /// An opaque expression, identified by its normal form. Its kinds are `true`, `false` and `absent` (an
    /// error).
    case opaque(String)

    package static let now = InputPath.place(["now"])

    package var isOpaque: Bool { if case .opaque = self { true } else { false } }
    package var names: [String] { if case .place(let names) = self { names } else { [] } }

    /// The enclosing objects, outermost first, without the path itself.
    var ancestors: [InputPath] {
        let names = names
        return names.indices.dropFirst().map { .place(Array(names[..<$0])) }
    }

    package static func < (a: InputPath, b: InputPath) -> Bool {
        switch (a, b) {
        case (.place(let a), .place(let b)): a.lexicographicallyPrecedes(b)
        case (.opaque(let a), .opaque(let b)): a < b
        case (.place, .opaque): true
        case (.opaque, .place): false
        }
    }
}
