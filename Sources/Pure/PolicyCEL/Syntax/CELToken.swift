/// A token of CEL text, and the offset at which it begins, in code points.
package struct CELToken {
    package let kind: Kind
    package let offset: Int

    package enum Kind {
        case end
        /// A name, which may be a reserved word; those are valid only as names of fields and of functions
        /// on a receiver.
        case identifier(String)
        /// A field's name between backquotes.
        case quotedField(String)
        /// An integer without its sign, which the parser adds: 9223372036854775808 is an int only after a
        /// minus sign.
        case integer(UInt64)
        /// A bool, null, uint, string or bytes, or a double without its sign.
        case literal(CELValue)
        case symbol(CELSymbol)
    }

    /// The token as a message names it. The contents of strings are not repeated, because they may be
    /// anything.
    var description: String {
        switch kind {
        case .end: "the end"
        case .identifier(let name): "`\(Self.excerpt(name))`"
        case .quotedField: "a quoted field name"
        case .symbol(let symbol): "`\(symbol.rawValue)`"
        case .integer: "a number"
        case .literal(.bool(let value)): "`\(value)`"
        case .literal(.null): "`null`"
        case .literal(.string), .literal(.bytes): "a string"
        case .literal: "a number"
        }
    }

    /// The part of a name that a message repeats.
    private static func excerpt(_ name: String) -> String {
        let most = 40
        return name.utf8.count <= most ? name : name.prefix(most) + "..."
    }
}

package enum CELSymbol: String {
    case `in` = "in"
    case equal = "=="
    case notEqual = "!="
    case lessEqual = "<="
    case greaterEqual = ">="
    case and = "&&"
    case or = "||"
    case less = "<"
    case greater = ">"
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case modulo = "%"
    case not = "!"
    case question = "?"
    case colon = ":"
    case dot = "."
    case comma = ","
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"
}

/// Words that are reserved for later use and cannot name a variable (cel-spec, `RESERVED`).
let reservedWords: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "package", "namespace", "return", "var", "void", "while",
]
