/// The value in a match of a rule whose pattern begins with the words that name it.
enum NamedValue {
    /// Returns the first byte of the value: behind the line feed that ends the name of a member and, of a number, behind
    /// words without a digit.
    ///
    /// - Parameter match: the bytes of the match in `text`.
    static func start(
        in text: Span<UInt8>, _ match: Range<Int>, of secretClass: SecretClass
    ) -> Int {
        guard SecretClassSet.decided.contains(secretClass) else { return match.lowerBound }
        var start = match.lowerBound
        // A line feed that ends the match follows the value.
        for place in match.dropLast() where text[place] == UInt8(ascii: "\n") { start = place + 1 }
        guard SecretClassSet.numbers.contains(secretClass) else { return start }
        var place = start
        while place < match.upperBound {
            let end = wordEnd(in: text, place..<match.upperBound)
            if (place..<end).contains(where: { isDigit(text[$0]) }) { return place }
            if isPrefix(in: text, place..<end, before: match.upperBound) { return place }
            place = max(end, place + 1)
        }
        return start
    }

    private static func wordEnd(in text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var end = range.lowerBound
        while end < range.upperBound, isOfWord(text[end]) { end += 1 }
        return end
    }

    /// True for two capitals before a space or a hyphen and a digit, with which some numbers begin.
    private static func isPrefix(
        in text: Span<UInt8>, _ word: Range<Int>, before end: Int
    ) -> Bool {
        word.count == 2 && word.allSatisfy { (0x41...0x5a).contains(text[$0]) }
            && word.upperBound + 1 < end
            && (text[word.upperBound] == UInt8(ascii: " ")
                || text[word.upperBound] == UInt8(ascii: "-"))
            && isDigit(text[word.upperBound + 1])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...0xff: true
        default: false
        }
    }
}
