extension Span<UInt8> {
    /// Returns the offset of the first byte at or after `start` that a string in JSON contains only as an escape: a
    /// quote, a backslash or a byte below 0x20. Returns `count` if no such byte follows.
    ///
    /// - Precondition: `start` is in 0...count.
    package func firstEscape(from start: Int) -> Int { firstEscape(from: start, orDelete: false) }

    /// Returns true if the text contains neither a byte that needs an escape in JSON nor a byte 0x7f.
    package var isPlainText: Bool { firstEscape(from: 0, orDelete: true) == count }

    /// Compares 32 bytes at a time, then 8, then the rest. The compiler makes vector instructions of the first loop; it
    /// makes calls of unspecialized functions of the same loop over `SIMD16`.
    @inline(__always)
    private func firstEscape(from start: Int, orDelete: Bool) -> Int {
        precondition(start >= 0 && start <= count)
        let bytes = unsafe bytes
        var place = start
        // Most strings in a body end within the first word.
        if count &- place >= 8 {
            let found = escapes(in: word(bytes, place), orDelete)
            if found != 0 { return place &+ firstByte(found) }
            place &+= 8
        }
        while count &- place >= 32 {
            let found =
                escapes(in: word(bytes, place), orDelete)
                | escapes(in: word(bytes, place &+ 8), orDelete)
                | escapes(in: word(bytes, place &+ 16), orDelete)
                | escapes(in: word(bytes, place &+ 24), orDelete)
            if found != 0 { break }
            place &+= 32
        }
        while count &- place >= 8 {
            let found = escapes(in: word(bytes, place), orDelete)
            if found != 0 { return place &+ firstByte(found) }
            place &+= 8
        }
        guard place < count else { return count }
        // Zeros fill the rest of the word. They count as control characters, so that the search ends at `count`.
        return place &+ firstByte(escapes(in: end(bytes, place), orDelete))
    }

    /// Returns the last 1 to 7 bytes as a word, filled up with zeros.
    @inline(__always)
    private func end(_ bytes: RawSpan, _ place: Int) -> UInt64 {
        let left = count &- place
        if count >= 8 { return word(bytes, count &- 8) &>> bits(8 &- left) }
        if left >= 4 {
            return half(bytes, place) | half(bytes, count &- 4) &<< bits(left &- 4)
        }
        // The first, the middle and the last byte are all of three bytes, and of fewer some are the same.
        let middle = left &>> 1
        return UInt64(self[place]) | UInt64(self[place &+ middle]) &<< bits(middle)
            | UInt64(self[count &- 1]) &<< bits(left &- 1)
    }
}

/// Returns a word in which the lowest bit that is set is the highest of the first byte that needs an escape; 0 if none
/// does. Of the bits above it nothing is known, because a subtraction borrows from the byte after it.
@inline(__always)
private func escapes(in word: UInt64, _ orDelete: Bool) -> UInt64 {
    // Bit 1 exchanges 0x20 and 0x22, so that the quote and all control characters are the bytes below 0x21.
    var borrowed = below(word ^ each(0x02), 0x21) | below(word ^ each(0x5c), 1)
    if orDelete { borrowed |= below(word ^ each(0x7f), 1) }
    // Bytes from 0x80 are never escaped; the differences say nothing about them.
    return borrowed & ~word & each(0x80)
}

/// Sets the highest bit of each byte that is less than `bound`, and of some bytes from 0x80.
@inline(__always)
private func below(_ word: UInt64, _ bound: UInt8) -> UInt64 { word &- each(bound) }

/// Returns a word that consists of 8 times the byte.
@inline(__always)
private func each(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

@inline(__always)
private func firstByte(_ found: UInt64) -> Int { found.trailingZeroBitCount &>> 3 }

@inline(__always)
private func bits(_ bytes: Int) -> UInt64 { UInt64(truncatingIfNeeded: bytes &* 8) }

/// - Precondition: 8 bytes follow `place`. The caller has compared it with the count.
@inline(__always)
private func word(_ bytes: RawSpan, _ place: Int) -> UInt64 {
    UInt64(
        littleEndian: unsafe bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: place, as: UInt64.self))
}

/// - Precondition: 4 bytes follow `place`.
@inline(__always)
private func half(_ bytes: RawSpan, _ place: Int) -> UInt64 {
    UInt64(
        UInt32(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: place, as: UInt32.self)))
}
