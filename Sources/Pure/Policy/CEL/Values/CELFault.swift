/// An error of an evaluation. It is a value of the language: `&&`, `||`, `all` and `exists` absorb it
/// when the other operands decide (specs of the policy, 5.3), save `budget`.
package struct CELFault: Error, Hashable, Sendable {
    /// The kinds of section 5.6; `budget` and `depth` are this engine's own.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case noSuchOverload = "no_such_overload"
        case range
        case divideByZero = "divide_by_zero"
        case format
        case overflow
        case noSuchKey = "no_such_key"
        case conversion
        case invalidArgument = "invalid_argument"
        case index
        case undeclared
        case noSelection = "no_selection"
        case keyType = "key_type"
        case repeatedKey = "repeated_key"
        case budget
        case depth
    }

    package let kind: Kind
    /// How much of a subject is kept, in code points: it can be the caller's text.
    package static let longestSubject = 128

    /// The key, name or argument that is meant; nil where there is nothing to name.
    package let subject: String?

    package init(_ kind: Kind, _ subject: String? = nil) {
        self.kind = kind
        self.subject = subject.map { text in
            text.utf8.count <= Self.longestSubject
                ? text : String(text.unicodeScalars.prefix(Self.longestSubject))
        }
    }
}
