/// The bytes that mean something to a shell.
enum Byte {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let bang = UInt8(ascii: "!")
    static let quote = UInt8(ascii: "\"")
    static let hash = UInt8(ascii: "#")
    static let dollar = UInt8(ascii: "$")
    static let and = UInt8(ascii: "&")
    static let apostrophe = UInt8(ascii: "'")
    static let open = UInt8(ascii: "(")
    static let close = UInt8(ascii: ")")
    static let star = UInt8(ascii: "*")
    static let plus = UInt8(ascii: "+")
    static let comma = UInt8(ascii: ",")
    static let minus = UInt8(ascii: "-")
    static let dot = UInt8(ascii: ".")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let less = UInt8(ascii: "<")
    static let equals = UInt8(ascii: "=")
    static let greater = UInt8(ascii: ">")
    static let question = UInt8(ascii: "?")
    static let bracket = UInt8(ascii: "[")
    static let backslash = UInt8(ascii: "\\")
    static let closeBracket = UInt8(ascii: "]")
    static let backquote = UInt8(ascii: "`")
    static let brace = UInt8(ascii: "{")
    static let pipe = UInt8(ascii: "|")
    static let closeBrace = UInt8(ascii: "}")
    static let tilde = UInt8(ascii: "~")
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isNameStart: Bool {
        (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) || self == 0x5f
    }
    var isName: Bool { isNameStart || isDigit }
    var isBlank: Bool { self == Byte.space || self == Byte.tab }

    /// Returns true for a byte that ends an unquoted word.
    var endsWord: Bool {
        switch self {
        case Byte.space, Byte.tab, Byte.newline, Byte.semicolon, Byte.and, Byte.pipe, Byte.less,
            Byte.greater, Byte.open, Byte.close:
            true
        default: false
        }
    }
}
