/// A place of a call's input: `args`, `amount_cents`; or an expression that the analysis does not
/// look into, which has one of three values wherever it stands.
enum InputPath: Hashable, Sendable, Comparable {
    case place([String])
    /// By its normal form; `true`, `false` and `absent` (an error) are its kinds.
    case opaque(String)

    static let now = InputPath.place(["now"])

    var isOpaque: Bool { if case .opaque = self { true } else { false } }
    var names: [String] { if case .place(let names) = self { names } else { [] } }

    /// The objects that it lies in, outermost first, itself not among them.
    var ancestors: [InputPath] {
        let names = names
        return names.indices.dropFirst().map { .place(Array(names[..<$0])) }
    }

    static func < (a: InputPath, b: InputPath) -> Bool {
        switch (a, b) {
        case (.place(let a), .place(let b)): a.lexicographicallyPrecedes(b)
        case (.opaque(let a), .opaque(let b)): a < b
        case (.place, .opaque): true
        case (.opaque, .place): false
        }
    }
}
