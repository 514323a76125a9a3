extension Span where Element == UInt8 {
    func starts(with part: borrowing Span<UInt8>) -> Bool {
        part.count <= count && holds(part, at: 0)
    }

    func ends(with part: borrowing Span<UInt8>) -> Bool {
        part.count <= count && holds(part, at: count - part.count)
    }

    /// Takes time linear in both lengths for any content: a text crafted to match at every position except
    /// for the last byte takes no longer than another one.
    package func contains(_ part: borrowing Span<UInt8>) -> Bool {
        guard part.count <= count else { return false }
        if part.isEmpty { return true }
        if count <= 64 { return containsInFew(part) }
        return part.count <= UInt64.bitWidth
            ? containsShort(part) : TextSearch(part).first(in: self) != nil
    }

    private func holds(_ part: borrowing Span<UInt8>, at start: Int) -> Bool {
        for index in 0..<part.count where self[start + index] != part[index] { return false }
        return true
    }

    /// Tries every position, because a table does not pay off for few bytes.
    private func containsInFew(_ part: borrowing Span<UInt8>) -> Bool {
        for start in 0...(count - part.count) where holds(part, at: start) { return true }
        return false
    }

    /// Searches with Shift-And (Baeza-Yates and Gonnet): bit n of `state` is set if the bytes read so far
    /// end with the part's first n + 1 bytes.
    private func containsShort(_ part: borrowing Span<UInt8>) -> Bool {
        var places = InlineArray<256, UInt64>(repeating: 0)
        for index in 0..<part.count { places[Int(part[index])] |= 1 << UInt64(index) }
        let last: UInt64 = 1 << UInt64(part.count - 1)
        var state: UInt64 = 0
        for index in indices {
            state = (state << 1 | 1) & places[Int(self[index])]
            if state & last != 0 { return true }
        }
        return false
    }
}
