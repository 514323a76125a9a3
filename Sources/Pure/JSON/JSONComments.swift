/// Reads JSON with comments and with commas before a closing bracket, the form in which VS Code keeps its settings
/// (`code.visualstudio.com/docs/languages/json`, "JSON with Comments").
package enum JSONComments {
    /// Converts the text to strict JSON of the same length: each comment, each comma before a closing bracket and a
    /// byte order mark become spaces, so every offset stays that of the file.
    ///
    /// - Returns: the blanked bytes, and the offsets of the removed commas in ascending order.
    /// - Throws: `unexpectedEnd` if a comment is not closed. Every other error is left to the strict parser.
    package static func blanked(
        _ bytes: [UInt8]
    ) throws(JSONError) -> (bytes: [UInt8], commas: [Int]) {
        var run = Blanking(bytes: bytes)
        try run.all()
        return (run.bytes, run.commas)
    }
}

private struct Blanking {
    var bytes: [UInt8]
    var commas: [Int] = []
    private var place = 0
    /// The offset of the last comma if only white space and comments have followed it.
    private var open: Int?
    /// True if a comma may follow: the last token was neither an opening bracket nor another comma.
    private var afterValue = false

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func all() throws(JSONError) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { blank(0..<3) }
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""): string()
            case UInt8(ascii: "/"): try comment()
            case UInt8(ascii: ","):
                open = afterValue ? place : nil
                afterValue = false
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if let comma = open {
                    blank(comma..<comma + 1)
                    commas.append(comma)
                }
                other()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                other()
                afterValue = false
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                place += 1
            default: other()
            }
        }
    }

    private mutating func other() {
        open = nil
        afterValue = true
        place += 1
    }

    /// Skips to the closing quote or the end. The strict parser reports any error inside the string.
    private mutating func string() {
        other()
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place = min(place + 1, bytes.count)
    }

    private mutating func comment() throws(JSONError) {
        let start = place
        let next = start + 1 < bytes.count ? bytes[start + 1] : 0
        if next == UInt8(ascii: "/") {
            while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
        } else if next == UInt8(ascii: "*") {
            place += 2
            while place + 1 < bytes.count,
                bytes[place] != UInt8(ascii: "*") || bytes[place + 1] != UInt8(ascii: "/")
            { place += 1 }
            guard place + 1 < bytes.count else { throw JSONError(.unexpectedEnd, offset: start) }
            place += 2
        } else {
            return other()
        }
        blank(start..<place)
    }

    /// Replaces the range with spaces but keeps line ends, so that line numbers stay the same.
    private mutating func blank(_ range: Range<Int>) {
        for index in range
        where bytes[index] != UInt8(ascii: "\n") && bytes[index] != UInt8(ascii: "\r") {
            bytes[index] = UInt8(ascii: " ")
        }
    }
}
