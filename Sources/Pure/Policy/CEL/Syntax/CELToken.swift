/// A word of CEL text, and where it begins in code points.
struct CELToken {
    let kind: Kind
    let offset: Int

    enum Kind {
        case end
        /// May be a reserved word; those are names of fields and of functions on a receiver alone.
        case identifier(String)
        /// A field's name between backquotes.
        case quotedField(String)
        /// Without a sign, which the parser adds: only `-9223372036854775808` is an int.
        case integer(UInt64)
        /// bool, null, uint, string, bytes, and double without its sign.
        case literal(CELValue)
        case symbol(CELSymbol)
    }

    /// As a message names it. Texts of strings are not repeated: they may hold anything.
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

    /// What of a name a message repeats.
    private static func excerpt(_ name: String) -> String {
        let most = 40
        return name.utf8.count <= most ? name : name.prefix(most) + "..."
    }
}

enum CELSymbol: String {
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

/// Words that are kept for later and name no variable (cel-spec, `RESERVED`).
let reservedWords: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "package", "namespace", "return", "var", "void", "while",
]
