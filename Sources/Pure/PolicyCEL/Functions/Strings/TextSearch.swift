/// Finds one text in another in time linear in both (Knuth, Morris and Pratt 1977), whatever an agent
/// sends. It compares bytes: in UTF-8, a match begins and ends at a code point.
struct TextSearch {
    private let wanted: [UInt8]
    /// The length of the longest shorter prefix with which each prefix ends.
    private let borders: [Int]

    /// - Parameter wanted: must not be empty.
    init(_ wanted: borrowing Span<UInt8>) {
        let bytes = [UInt8](capacity: wanted.count) { output in
            for place in wanted.indices { output.append(wanted[place]) }
        }
        var borders = [Int](repeating: 0, count: bytes.count)
        var length = 0
        for place in bytes.indices.dropFirst() {
            while length > 0 && bytes[place] != bytes[length] { length = borders[length - 1] }
            if bytes[place] == bytes[length] { length += 1 }
            borders[place] = length
        }
        self.wanted = bytes
        self.borders = borders
    }

    /// The byte offset of the first match that begins at `start` or later.
    func first(in text: borrowing Span<UInt8>, from start: Int = 0) -> Int? {
        var found: Int?
        scan(text, start..<text.count) { place in
            found = place
            return false
        }
        return found
    }

    /// The byte offset of the last match that begins at `end` or earlier.
    func last(in text: borrowing Span<UInt8>, upTo end: Int) -> Int? {
        var found: Int?
        scan(text, 0..<min(text.count, end + wanted.count)) { place in
            found = place
            return true
        }
        return found
    }

    /// The byte offsets of matches that do not overlap, from the front, at most `limit`.
    func all(in text: borrowing Span<UInt8>, limit: Int) -> [Int] {
        var found: [Int] = []
        guard limit > 0 else { return found }
        scan(text, 0..<text.count) { place in
            if found.last.map({ place >= $0 + wanted.count }) ?? true { found.append(place) }
            return found.count < limit
        }
        return found
    }

    /// - Parameter found: receives each match, including overlapping ones, and returns true to continue.
    private func scan(_ text: borrowing Span<UInt8>, _ places: Range<Int>, _ found: (Int) -> Bool) {
        var length = 0
        for place in places {
            while length > 0 && text[place] != wanted[length] { length = borders[length - 1] }
            if text[place] == wanted[length] { length += 1 }
            if length == wanted.count {
                guard found(place + 1 - length) else { return }
                length = borders[length - 1]
            }
        }
    }
}
