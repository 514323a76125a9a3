/// The number of a card in an object of JSON, of which the lines around it say what it is. A search has each name and each
/// value of JSON on a line of its own.
enum CardObject {
    /// The bytes that are read from the beginning of a match on.
    static let reach = 512
    /// The lines that are read from the beginning of a match on.
    private static let mostLines = 12
    /// The longest line that is compared, in bytes.
    private static let longestLine = 48

    /// Names of members that have a number, in lower case and without other characters than letters.
    private static let names = texts(
        "number num no nr pan nummer numero value plain cardnumber ccnumber fullnumber rawnumber")
    /// Names and values of members next to the number of a card, written in the same way.
    private static let words = texts(
        "cvc cvv csc cvn cvccode cvvcode expmonth expyear expirymonth expiryyear expiry "
            + "expirydate expirationdate validthru visa amex maestro")
    private static let card = Array("card".utf8)

    private static func texts(_ list: String) -> [[UInt8]] {
        list.utf8.split(separator: UInt8(ascii: " ")).map { Array($0) }
    }

    /// Returns the first card's number that is the whole line after the name of a number.
    ///
    /// - Parameter start: the first byte of the line with the word for a card.
    static func number(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
        let end = min(text.count, start + reach)
        var name: Range<Int>?
        var place = start
        for _ in 0..<mostLines {
            var stop = place
            while stop < end, text[stop] != UInt8(ascii: "\n") { stop += 1 }
            // A line that is cut may continue.
            guard stop < end || stop == text.count else { return nil }
            let line = place..<stop
            if let name, isShort(name), isShort(line), line.count > 0,
                (0x30...0x39).contains(text[line.lowerBound]),
                names.contains(letters(of: Array(copying: text.extracting(name)))),
                isNumber(Array(copying: text.extracting(line))[...])
            {
                return line
            }
            guard stop < end else { return nil }
            name = line
            place = stop + 1
        }
        return nil
    }

    /// Returns true if the second line is a card's number, and one of the lines behind it has a word that belongs to cards.
    ///
    /// - Parameter value: a match with the bytes behind it.
    static func hasWords(behindNumberOf value: [UInt8]) -> Bool {
        let lines = value.prefix(reach).split(
            separator: UInt8(ascii: "\n"), maxSplits: mostLines, omittingEmptySubsequences: false
        ).prefix(mostLines)
        guard lines.count > 2, isNumber(lines[1]) else { return false }
        return lines.dropFirst(2).contains { line in
            guard line.count <= longestLine else { return false }
            let word = letters(of: line)
            return words.contains(word) || word.starts(with: card)
        }
    }

    private static func isShort(_ line: Range<Int>) -> Bool { line.count <= longestLine }

    /// Returns true for a line that is a card's number, and nothing else.
    private static func isNumber(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.count <= longestLine, let first = line.first, (0x30...0x39).contains(first)
        else {
            return false
        }
        return line.allSatisfy { isOfNumber($0) } && CardNumber.isWhole(line)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// The letters of ASCII in a line, in lower case.
    private static func letters(of line: some Sequence<UInt8>) -> [UInt8] {
        var letters: [UInt8] = []
        for byte in line {
            let lower = (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
            if (0x61...0x7a).contains(lower) { letters.append(lower) }
        }
        return letters
    }
}
