/// A text as a model may read it: letters folded, hidden characters removed. Only for scanning.
struct PlainText {
    struct Word {
        let text: String
        /// The offset of its first scalar in the original.
        let offset: Int
        /// The index after its last scalar in `scalars`.
        let end: Int
    }

    /// The folded scalars, without hidden characters.
    private(set) var scalars: [Unicode.Scalar] = []
    /// The offset of each scalar in the original.
    private(set) var offsets: [Int] = []
    private(set) var words: [Word] = []

    init(_ original: [Unicode.Scalar]) {
        scalars.reserveCapacity(original.count)
        offsets.reserveCapacity(original.count)
        for (offset, scalar) in original.enumerated() {
            // Characters that look like a space separate words; characters without width do not.
            if scalar.isHidden, scalar.value > 0x1f { continue }
            scalars.append(scalar.folded)
            offsets.append(offset)
        }
        var start: Int?
        for place in 0...scalars.count {
            let isPart = place < scalars.count && scalars[place].isOfWord
            // An apostrophe at either end is a quotation mark.
            if isPart, start == nil, scalars[place] != "'" { start = place }
            if !isPart, let first = start {
                var end = place
                while scalars[end - 1] == "'" { end -= 1 }
                words.append(Word(text: text(first..<end), offset: offsets[first], end: end))
                start = nil
            }
        }
    }

    func text(_ range: Range<Int>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[range])
        return text
    }

    /// Returns the indexes at which an ASCII text in lower case occurs.
    func places(of needle: String) -> [Int] {
        let wanted = Array(needle.unicodeScalars)
        guard let first = wanted.first, wanted.count <= scalars.count else { return [] }
        return (0...scalars.count - wanted.count).filter { place in
            scalars[place] == first && scalars[place..<place + wanted.count].elementsEqual(wanted)
        }
    }
}

extension Unicode.Scalar {
    /// True for letters, digits and apostrophes; false for `_` and `-`, so that tool names are several words.
    var isOfWord: Bool {
        switch value {
        case 0x30...0x39, 0x61...0x7a, 0x27: true
        case 0x80...: properties.isAlphabetic
        default: false
        }
    }
}
