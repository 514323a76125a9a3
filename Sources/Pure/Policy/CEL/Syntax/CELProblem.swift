/// Why a CEL text is not accepted: before anything is evaluated.
package struct CELProblem: Error, Hashable, Sendable {
    package enum Kind: Sendable, Hashable {
        case syntax
        /// Text, node count, depth or nesting over its limit.
        case tooLarge
        case undeclared
        case unknownFunction
        /// The types do not fit: no overload of an operation takes them.
        case noOverload
        /// A guard that does not give a bool.
        case notBool
        case pattern
        case stringBuilding
        case cost
        case unknownField
        /// Comparison of values of different kinds.
        case comparison
        /// Arithmetic on a `number` of a schema, which may be int or double.
        case arithmeticOnNumber
        case zone
        case schema
    }

    package let kind: Kind
    /// In code points from the beginning of the text.
    package let offset: Int
    package let message: String
    package let help: String?

    package init(_ kind: Kind, at offset: Int, _ message: String, help: String? = nil) {
        self.kind = kind
        self.offset = offset
        self.message = message
        self.help = help
    }
}
