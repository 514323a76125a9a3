/// An error of an evaluation. It is a value of the language: `&&`, `||`, `all` and `exists` absorb it if
/// the other operands decide (docs/specs/policy.md, section 5.3), except for `budget` and `depth`.
package struct CELFault: Error, Hashable, Sendable {
    /// The kinds of docs/specs/policy.md, section 5.6; `budget` and `depth` are specific to this engine.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case noSuchOverload = "no_such_overload"
        case range
        case divideByZero = "divide_by_zero"
        case format, overflow
        case noSuchKey = "no_such_key"
        case conversion
        case invalidArgument = "invalid_argument"
        case index, undeclared
        case noSelection = "no_selection"
        case keyType = "key_type"
        case repeatedKey = "repeated_key"
        case budget, depth
    }

    package let kind: Kind
    /// The maximum length of a subject in code points, because it can be the caller's text.
    package static let longestSubject = 128

    /// The key, name or argument concerned, or nil if the fault names no subject.
    package let subject: String?

    package init(_ kind: Kind, _ subject: String? = nil) {
        self.kind = kind
        self.subject = subject.map { text in
            text.utf8.count <= Self.longestSubject
                ? text : String(text.unicodeScalars.prefix(Self.longestSubject))
        }
    }
}
