import InterlockJSON
import InterlockModel

/// Takes what looks like a credential out of a line that goes to a log (specs of MCP, section 12). It
/// looks at shapes and names alone, so it is a second line of defence: what a server is not given it
/// cannot print.
package struct LogRedaction: Sendable {
    package static let mark = "[redacted]"
    /// A shorter secret would take pieces out of ordinary words, so it is taken out as a whole word alone.
    private static let shortestPart = 6
    private static let shortestToken = 16

    /// Exact texts, the longest first.
    private let secrets: [String]
    /// Of fewer bytes, and with nothing in them that ends a word.
    private let words: Set<ExactText>

    /// - Parameter secrets: what must not be shown, wherever it stands.
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
        /// A name was read whose value is secret. -> value, quoted, plain
        case named
        /// The next word is a secret. -> plain
        case value
        /// Up to this quotation mark all is secret. -> plain
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

    /// The line in pieces that are all of a credential's characters, or all not.
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
