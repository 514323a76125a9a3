/// The reason why a CEL text is rejected before anything is evaluated.
package struct CELProblem: Error, Hashable, Sendable {
    package enum Kind: Sendable, Hashable {
        case syntax
        /// The text, node count, depth or nesting exceeds its limit.
        case tooLarge
        case undeclared, unknownFunction
        /// The types do not fit: no overload of an operation accepts them.
        case noOverload
        /// A guard does not give a bool.
        case notBool
        case pattern, stringBuilding, cost, unknownField
        /// Values of different kinds are compared.
        case comparison
        /// Arithmetic on a `number` of a schema, which may be int or double.
        case arithmeticOnNumber
        case zone, schema
    }

    package let kind: Kind
    /// The offset from the beginning of the text, in code points.
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
