/// Text as CEL defines it: code points, compared one by one.
package typealias CodePointArray = [UInt32]

extension String {
    package var codePointArray: CodePointArray { unicodeScalars.map(\.value) }

    package init(codePointArray: CodePointArray) {
        self.init(String.UnicodeScalarView(codePointArray.compactMap(Unicode.Scalar.init)))
    }
}

/// A test of a string in a guard. Each test is a regular language, so any combination is decidable.
package enum StringAtom: Hashable, Sendable {
    /// The string is one of these texts, which are sorted so that equal sets are equal atoms.
    case oneOf([CodePointArray])
    case prefix(CodePointArray)
    case suffix(CodePointArray)
    case contains(CodePointArray)
    /// The string sorts before this text, code point by code point.
    case before(CodePointArray)
    /// The number of code points is in this set.
    case size(NumberSet)

    func holds(for text: CodePointArray) -> Bool {
        switch self {
        case .oneOf(let texts): texts.contains(text)
        case .prefix(let part): text.starts(with: part)
        case .suffix(let part): text.reversed().starts(with: part.reversed())
        case .contains(let part): text.firstOccurrence(of: part)
        case .before(let other): text.lexicographicallyPrecedes(other)
        case .size(let sizes): sizes.contains(Double(text.count))
        }
    }

    /// The texts that the atom contains.
    var texts: [CodePointArray] {
        switch self {
        case .oneOf(let texts): texts
        case .prefix(let text), .suffix(let text), .contains(let text), .before(let text): [text]
        case .size: []
        }
    }
}

package struct StringLiteral: Hashable, Sendable {
    package let atom: StringAtom
    package var isNegated = false

    var negated: StringLiteral { StringLiteral(atom: atom, isNegated: !isNegated) }
    func holds(for text: CodePointArray) -> Bool { atom.holds(for: text) != isNegated }

    static func oneOf(_ texts: some Sequence<CodePointArray>) -> StringLiteral {
        StringLiteral(atom: .oneOf(Set(texts).sorted { $0.lexicographicallyPrecedes($1) }))
    }
}

extension CodePointArray {
    fileprivate func firstOccurrence(of part: CodePointArray) -> Bool {
        guard part.count <= count else { return false }
        return (0...(count - part.count)).contains { self[$0...].starts(with: part) }
    }
}
