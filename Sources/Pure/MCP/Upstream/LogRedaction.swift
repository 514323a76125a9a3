import InterlockJSON
import InterlockModel

/// Removes likely credentials from lines for a log (docs/specs/mcp.md, section 12). It recognises forms and names only,
/// so it is a second line of defence: a server cannot print what it is not given.
package struct LogRedaction: Sendable {
    package static let mark = "[redacted]"
    /// The minimum length, in bytes, for removal inside other text. A shorter secret is removed only as a whole word,
    /// because it would otherwise cut ordinary words.
    private static let shortestPart = 6
    private static let shortestToken = 16

    /// The exact texts to remove anywhere, longest first.
    private let secrets: [String]
    /// The shorter secrets that are removed as whole words, which contain no character that ends a word.
    private let words: Set<ExactText>

    /// - Parameter secrets: the texts that must not appear in a log.
    package init(secrets: [String] = []) {
        let all = Set(texts: secrets).filter { !$0.text.isEmpty }
        words = all.filter {
            $0.text.utf8.count < Self.shortestPart
                && $0.text.unicodeScalars.allSatisfy(Self.isWordScalar)
        }
        self.secrets = all.subtracting(words).texts
            .sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    package func redacted(_ line: String) -> String {
        var line = line
        for secret in secrets { line = line.replacing(secret, with: Self.mark) }
        var output = ""
        var state = State.plain
        for piece in Self.pieces(line) {
            let lower = piece.text.lowercased()
            switch state {
            case .quoted(let quote):
                guard piece.isSeparator, piece.text.contains(quote) else { continue }
                output += piece.text
                state = .plain
            case .named where piece.isSeparator:
                output += piece.text
                guard piece.text.contains(where: { $0 == ":" || $0 == "=" }) else {
                    state = .plain
                    continue
                }
                state = .value
                if let last = piece.text.last, last == "\"" || last == "'" {
                    output += Self.mark
                    state = .quoted(last)
                }
            case .value where piece.isSeparator: output += piece.text
            case .value:
                let isScheme = CredentialHeuristic.isScheme(lower)
                output += isScheme ? String(piece.text) : Self.mark
                if !isScheme { state = .plain }
            case .plain where piece.isSeparator: output += piece.text
            case .plain, .named:
                let isSecret = Self.isToken(piece.text) || words.contains(String(piece.text))
                output += isSecret ? Self.mark : String(piece.text)
                state = Self.state(after: lower)
            }
        }
        return output
    }

    private enum State {
        case plain
        /// A name whose value is secret was read. -> value, quoted, plain
        case named
        /// The next word is secret. -> plain
        case value
        /// Everything up to this quotation mark is secret. -> plain
        case quoted(Character)
    }

    private static func state(after word: String) -> State {
        if word == "bearer" { return .value }
        return CredentialHeuristic.isLabel(word) ? .named : .plain
    }

    private static func isToken(_ word: Substring) -> Bool {
        word.utf8.count >= shortestToken && CredentialHeuristic.isToken(word, rest: 0)
    }

    private struct Piece {
        let text: Substring
        let isSeparator: Bool
    }

    /// Splits the line into pieces that consist only of characters of credentials, or only of others.
    private static func pieces(_ line: String) -> [Piece] {
        var pieces: [Piece] = []
        var start = line.startIndex
        while start < line.endIndex {
            let isWord = isWordScalar(line.unicodeScalars[start])
            var end = start
            while end < line.endIndex, isWordScalar(line.unicodeScalars[end]) == isWord {
                end = line.unicodeScalars.index(after: end)
            }
            pieces.append(Piece(text: line[start..<end], isSeparator: !isWord))
            start = end
        }
        return pieces
    }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "~", "+", "/": true
        default: !scalar.isASCII
        }
    }
}
