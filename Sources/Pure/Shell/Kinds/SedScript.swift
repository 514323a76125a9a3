/// The arguments of `sed`, whose scripts can run commands and write files.
struct SedScript {
    private static let options = ProgramOptions(
        "nErsuz", "quiet silent regexp-extended null-data unbuffered separate")

    static func classify(_ rest: ArraySlice<ShellWord>, _ entry: String) -> Classification {
        var classification = Classification(.read, .listed, entry)
        var scripts: [String] = []
        var first: ShellWord?
        var words = rest
        while let word = words.popFirst() {
            guard let text = word.literal, text.hasPrefix("-"), text != "-", text != "--" else {
                if word.literal == "--" { continue }
                if first == nil { first = word }
                guard word.literal != nil || word.isOperand else {
                    return Classification(.arbitrary, .expandedArgument, entry)
                }
                continue
            }
            if text.hasPrefix("--in-place") {
                classification.raise(to: Classification(.write, .file, entry))
            } else if text.hasPrefix("--expression=") {
                scripts.append(String(text.dropFirst(13)))
            } else if text.hasPrefix("--") {
                guard case .listed = options.reading(of: word) else {
                    return Classification(.arbitrary, .unlistedOption, entry)
                }
            } else {
                var letters = text.utf8.dropFirst()
                loop: while let letter = letters.popFirst() {
                    switch letter {
                    case UInt8(ascii: "i"):
                        classification.raise(to: Classification(.write, .file, entry))
                        break loop
                    case UInt8(ascii: "e"):
                        guard
                            let script = letters.isEmpty
                                ? words.popFirst()?.literal : String(Substring(letters))
                        else { return Classification(.arbitrary, .expandedArgument, entry) }
                        scripts.append(script)
                        break loop
                    case _ where options.flags.contains(letter): continue
                    default: return Classification(.arbitrary, .unlistedOption, entry)
                    }
                }
            }
        }
        if scripts.isEmpty {
            guard let script = first?.literal else {
                return Classification(.arbitrary, .expandedArgument, entry)
            }
            scripts = [script]
        }
        // Several scripts are one, in which a part can continue in the next.
        var script = SedScript(scripts.joined(separator: "\n"))
        if !script.isHarmless {
            classification.raise(to: Classification(.arbitrary, .runsCode, entry))
        }
        return classification
    }

    private var rest: ArraySlice<UInt8>

    init(_ text: String) { rest = Array(text.utf8)[...] }

    /// True if the script has only commands that edit the output.
    var isHarmless: Bool {
        mutating get {
            while true {
                rest = rest.drop { $0.isBlank || $0 == Byte.newline || $0 == Byte.semicolon }
                if rest.isEmpty { return true }
                guard skipAddress() else { return false }
                if rest.first == Byte.comma {
                    rest = rest.dropFirst()
                    guard skipAddress() else { return false }
                }
                rest = rest.drop { $0.isBlank || $0 == Byte.bang }
                guard let command = rest.popFirst() else { return false }
                switch command {
                case UInt8(ascii: "s"), UInt8(ascii: "y"):
                    guard let mark = rest.popFirst(), mark != Byte.newline, mark != Byte.backslash,
                        skip(to: mark, isPattern: command == UInt8(ascii: "s")),
                        skip(to: mark, isPattern: false)
                    else { return false }
                    if command == UInt8(ascii: "s") {
                        rest = rest.drop { $0.isDigit || Self.substitutionFlags.contains($0) }
                    }
                case _ where Self.commands.contains(command): rest = rest.drop(while: \.isDigit)
                default: return false
                }
                rest = rest.drop(while: \.isBlank)
                guard let end = rest.first else { return true }
                guard end == Byte.semicolon || end == Byte.newline else { return false }
            }
        }
    }

    private static let substitutionFlags = Set("gpiIM".utf8)
    private static let commands = Set("pdqQ=nNDGghHxPl".utf8)

    /// Skips an address if there is one: a number, `$`, or a pattern. Returns false if it is not understood.
    private mutating func skipAddress() -> Bool {
        guard let first = rest.first else { return true }
        if first == Byte.dollar {
            rest = rest.dropFirst()
        } else if first.isDigit || first == Byte.plus {
            rest = rest.drop { $0.isDigit || $0 == Byte.plus || $0 == Byte.tilde }
        } else if first == 0x2f {
            rest = rest.dropFirst()
            guard skip(to: first, isPattern: true) else { return false }
            rest = rest.drop { $0 == UInt8(ascii: "I") }
        }
        return true
    }

    /// Skips to the next `mark`. Returns false if there is none, or if it could be part of a bracket.
    private mutating func skip(to mark: UInt8, isPattern: Bool) -> Bool {
        var isInBracket = false
        while let byte = rest.popFirst() {
            switch byte {
            case mark: return !isInBracket
            case Byte.newline: return false
            case Byte.backslash: if rest.popFirst() == nil { return false }
            case Byte.bracket where isPattern: isInBracket = true
            case Byte.closeBracket: isInBracket = false
            default: break
            }
        }
        return false
    }
}
