/// Finds one text in another in time linear in both (Knuth, Morris and Pratt 1977), whatever an agent
/// sends. It compares bytes: in UTF-8 what matches begins and ends at code points.
struct TextSearch {
    private let wanted: [UInt8]
    /// For each prefix, the length of the longest shorter prefix with which it ends.
    private let borders: [Int]

    /// - Parameter wanted: not empty.
    /// - Throws: `budget`: 1 step per 16 bytes.
    init(_ wanted: String, _ budget: inout CELBudget) throws(CELFault) {
        try budget.spend(bytes: wanted.utf8.count)
        let wanted = Array(wanted.utf8)
        var borders = [Int](repeating: 0, count: wanted.count)
        var length = 0
        for place in wanted.indices.dropFirst() {
            while length > 0 && wanted[place] != wanted[length] { length = borders[length - 1] }
            if wanted[place] == wanted[length] { length += 1 }
            borders[place] = length
        }
        self.wanted = wanted
        self.borders = borders
    }

    /// The byte where the first match begins that begins at `start` or later.
    func first(in text: [UInt8], from start: Int) -> Int? {
        var found: Int?
        scan(text[start...]) { place in
            found = place
            return false
        }
        return found
    }

    /// The byte where the last match begins that begins at `end` or before.
    func last(in text: [UInt8], upTo end: Int) -> Int? {
        var found: Int?
        scan(text[..<min(text.count, end + wanted.count)]) { place in
            found = place
            return true
        }
        return found
    }

    /// Where matches begin that do not overlap, from the front, at most `limit`.
    func all(in text: [UInt8], limit: Int) -> [Int] {
        var found: [Int] = []
        guard limit > 0 else { return found }
        scan(text[...]) { place in
            if found.last.map({ place >= $0 + wanted.count }) ?? true { found.append(place) }
            return found.count < limit
        }
        return found
    }

    /// - Parameter found: takes each match, overlapping ones too; whether to go on.
    private func scan(_ text: ArraySlice<UInt8>, _ found: (Int) -> Bool) {
        var length = 0
        for place in text.indices {
            while length > 0 && text[place] != wanted[length] { length = borders[length - 1] }
            if text[place] == wanted[length] { length += 1 }
            if length == wanted.count {
                guard found(place + 1 - length) else { return }
                length = borders[length - 1]
            }
        }
    }
}
