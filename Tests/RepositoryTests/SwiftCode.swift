/// The code of a Swift file as text, without comments and string literals.
struct SwiftCode {
    /// The bytes of the file; those of comments and literals are spaces.
    private let bytes: [UInt8]

    private let words: [Word]

    init(_ text: String) {
        bytes = Self.withoutNoise(Array(text.utf8))
        words = Self.words(of: bytes)
    }

    /// The names of types in the order of the text.
    var mentions: [String] { words.filter(\.isType).map(\.text) }

    /// The names of types that the code declares.
    var declarations: [String] {
        zip(words, words.dropFirst())
            .filter { Self.keywords.contains($0.text) && $1.isType }.map(\.1.text)
    }

    private static let keywords: Set<String> = [
        "struct", "class", "enum", "actor", "protocol", "typealias",
    ]

    /// The paths of members such as `call.principal.agent`, each with its line; a call or a type ends a path.
    var memberPaths: [(path: [String], line: Int)] {
        var paths: [(path: [String], line: Int)] = []
        var end: Int?
        var (line, counted) = (1, 0)
        for word in words {
            line += bytes[counted..<word.start].count { $0 == UInt8(ascii: "\n") }
            counted = word.start
            guard !word.isType else {
                end = nil
                continue
            }
            if let end, Self.isLink(bytes[end..<word.start]) {
                paths[paths.count - 1].path.append(word.text)
            } else {
                paths.append(([word.text], line))
            }
            end = word.end
        }
        return paths
    }

    /// Returns whether two names belong to one path: only a dot lies between them, which may follow the mark of an
    /// optional or begin a line.
    private static func isLink(_ gap: ArraySlice<UInt8>) -> Bool {
        let rest = gap.drop { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "!") }
        guard rest.first == UInt8(ascii: "\n") else { return rest == [UInt8(ascii: ".")] }
        return rest.drop { $0 <= UInt8(ascii: " ") } == [UInt8(ascii: ".")]
    }

    private struct Word {
        let text: String
        let start: Int
        let end: Int
        var isType: Bool { text.utf8.first.map { (0x41...0x5A).contains($0) } ?? false }
    }

    private static func words(of bytes: [UInt8]) -> [Word] {
        var words: [Word] = []
        var start: Int?
        for place in 0...bytes.count {
            if place < bytes.count, isPartOfName(bytes[place]) {
                start = start ?? place
            } else if let begun = start {
                let text = String(decoding: bytes[begun..<place], as: UTF8.self)
                words.append(Word(text: text, start: begun, end: place))
                start = nil
            }
        }
        return words
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }

    private enum Mark {
        static let line = Array("//".utf8)
        static let lineEnd = Array("\n".utf8)
        static let block = Array("/*".utf8)
        static let blockEnd = Array("*/".utf8)
        static let literal = Array("\"\"\"".utf8)
    }

    private static func withoutNoise(_ text: [UInt8]) -> [UInt8] {
        var code = text
        var place = 0
        while place < text.count {
            guard let end = endOfNoise(in: text, at: place) else {
                place += 1
                continue
            }
            for noise in place..<end where text[noise] != UInt8(ascii: "\n") {
                code[noise] = UInt8(ascii: " ")
            }
            place = end
        }
        return code
    }

    /// Returns the place after the comment or literal that begins here; nil if none does.
    private static func endOfNoise(in text: [UInt8], at start: Int) -> Int? {
        func has(_ mark: [UInt8], at place: Int) -> Bool {
            text[place...].starts(with: mark)
        }
        func end(after mark: [UInt8], from place: Int) -> Int {
            var place = place
            while place < text.count, !has(mark, at: place) { place += 1 }
            return min(place + mark.count, text.count)
        }
        switch text[start] {
        case UInt8(ascii: "/") where has(Mark.line, at: start):
            return end(after: Mark.lineEnd, from: start)
        case UInt8(ascii: "/") where has(Mark.block, at: start):
            return end(after: Mark.blockEnd, from: start)
        case UInt8(ascii: "\"") where has(Mark.literal, at: start):
            return end(after: Mark.literal, from: start + 3)
        case UInt8(ascii: "\""):
            var place = start + 1
            while place < text.count, text[place] != UInt8(ascii: "\n") {
                if text[place] == UInt8(ascii: "\"") { return place + 1 }
                place += text[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            return nil
        default: return nil
        }
    }
}
