import InterlockJSON

/// The numbers of words that repeat in millions of rows.
struct WordNumbers {
    private var numbers: [ExactText: Int64] = [:]
    /// Recently used words, in slots chosen by a hash of their bytes, so that most lookups create no string.
    private var recent = [Recent](repeating: Recent(), count: Self.recentCount)

    private struct Recent {
        var text: [UInt8] = []
        var number: Int64?
    }

    /// The number of slots, a power of two.
    private static let recentCount = 256

    var count: Int { numbers.count }

    mutating func note(_ number: Int64, of text: String) { numbers[text] = number }

    /// - Parameter make: stores a new word with its number.
    mutating func number(
        of text: ArraySlice<UInt8>, make: (String, Int64) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> Int64 {
        let place = Self.place(of: text.span)
        if let number = recent[place].number, text.elementsEqual(recent[place].text) {
            return number
        }
        let word = String(decoding: text, as: UTF8.self)
        let number = numbers[word] ?? Int64(numbers.count + 1)
        if numbers[word] == nil {
            try make(word, number)
            numbers[word] = number
        }
        recent[place] = Recent(text: Array(text), number: number)
        return number
    }

    /// The slot of a word: its FNV-1a hash, folded.
    private static func place(of text: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for place in text.indices { hash = (hash ^ UInt64(text[place])) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32) & (recentCount - 1)
    }
}
