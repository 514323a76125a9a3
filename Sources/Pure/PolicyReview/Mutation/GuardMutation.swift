import InterlockPolicy
import InterlockPolicyCEL

/// Guards with one token changed: a comparison replaced by a neighbouring one, or a number moved by one.
enum GuardMutation {
    static func all(of text: String) -> [String] {
        var lexer = CELLexer(text)
        var mutants: [String] = []
        var start = lexer.position
        // The text of a loaded policy always consists of tokens; if not, the mutants so far count.
        while let token = try? lexer.next() {
            if case .end = token.kind { break }
            let bytes = Array(text.utf8)
            let word = String(decoding: bytes[start..<lexer.position], as: UTF8.self)
            for other in others(token.kind) {
                // The white space before the token is kept.
                let blanks = word.prefix { $0 == " " || $0 == "\n" || $0 == "\t" }
                mutants.append(
                    String(decoding: bytes[..<start], as: UTF8.self) + blanks + other
                        + String(decoding: bytes[lexer.position...], as: UTF8.self))
            }
            start = lexer.position
        }
        return mutants
    }

    private static func others(_ kind: CELToken.Kind) -> [String] {
        switch kind {
        case .symbol(.less): ["<="]
        case .symbol(.lessEqual): ["<"]
        case .symbol(.greater): [">="]
        case .symbol(.greaterEqual): [">"]
        case .symbol(.equal): ["!="]
        case .symbol(.notEqual): ["=="]
        case .integer(let number): number == 0 ? ["1"] : ["\(number - 1)", "\(number &+ 1)"]
        default: []
        }
    }
}
