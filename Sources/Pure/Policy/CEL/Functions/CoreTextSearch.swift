extension Span where Element == UInt8 {
    func starts(with part: borrowing Span<UInt8>) -> Bool {
        part.count <= count && holds(part, at: 0)
    }

    func ends(with part: borrowing Span<UInt8>) -> Bool {
        part.count <= count && holds(part, at: count - part.count)
    }

    /// Takes time in proportion to both lengths together, whatever they hold.
    func contains(_ part: borrowing Span<UInt8>) -> Bool {
        guard part.count <= count else { return false }
        if part.count <= Self.shortPart {
            for start in 0...(count - part.count) where holds(part, at: start) { return true }
            return false
        }
        return containsLong(part)
    }

    /// Up to here every place is tried, which needs no table.
    private static var shortPart: Int { 16 }

    private func holds(_ part: borrowing Span<UInt8>, at start: Int) -> Bool {
        for index in 0..<part.count where self[start + index] != part[index] { return false }
        return true
    }

    /// Knuth, Morris and Pratt: `borders[n]` is how much of the part's beginning also ends its first
    /// n + 1 bytes, and is still matched when the next byte differs.
    private func containsLong(_ part: borrowing Span<UInt8>) -> Bool {
        var borders = [Int](repeating: 0, count: part.count)
        var matched = 0
        for index in 1..<part.count {
            while matched > 0, part[index] != part[matched] { matched = borders[matched - 1] }
            if part[index] == part[matched] { matched += 1 }
            borders[index] = matched
        }
        matched = 0
        for index in 0..<count {
            while matched > 0, self[index] != part[matched] { matched = borders[matched - 1] }
            if self[index] == part[matched] { matched += 1 }
            if matched == part.count { return true }
        }
        return false
    }
}
