extension EncodedRun {
    /// True for a number, also below zero, in which nothing is encoded as base64 or hexadecimal digits: no eight bytes in a
    /// row are text, and no header of zlib is where it is tried. Most runs of clean JSON are such numbers.
    ///
    /// False for other runs, and those that are long enough for data without a header.
    func isPlainNumber(in text: Span<UInt8>) -> Bool {
        // A sign begins bytes beyond ASCII in base64, and no header.
        let sign = text[start] == UInt8(ascii: "-") ? 1 : 0
        let (start, count) = (start + sign, count - sign)
        guard !hasLines, count >= 16, count < RunDigits.hexadecimal.deflateDigits else {
            return false
        }
        precondition(start >= 0 && end <= text.count)
        let bytes = unsafe text.bytes
        // A bit of each digit: those with which a byte of text begins, and those of which `09` and `7801` consist.
        var (texts, zeros, nines) = (UInt64(0), UInt64(0), UInt64(0))
        var (sevens, eights, ones) = (UInt64(0), UInt64(0), UInt64(0))
        var place = 0
        while true {
            let digits = ByteWord.load(bytes, start + place) ^ ByteWord.each(0x30)
            guard (digits | digits &+ ByteWord.each(0x80 - 10)) & ByteWord.each(0x80) == 0 else {
                return false
            }
            let isText =
                (digits &+ ByteWord.each(0x80 - 2)) & ~(digits &+ ByteWord.each(0x80 - 8))
            let shift = UInt64(place)
            texts |= bits(isText) << shift
            zeros |= bits(equal(digits, 0)) << shift
            ones |= bits(equal(digits, 1)) << shift
            sevens |= bits(equal(digits, 7)) << shift
            eights |= bits(equal(digits, 8)) << shift
            nines |= bits(equal(digits, 9)) << shift
            if place + 8 == count { break }
            place = min(place + 8, count - 8)
        }
        // A tab is text, too. The last digit begins no byte.
        var found = (texts | zeros & nines >> 1) & (1 << UInt64(count - 1) - 1)
        found &= found >> 2
        found &= found >> 4
        found &= found >> 8
        let headers = sevens & eights >> 1 & zeros >> 2 & ones >> 3
        guard found | headers == 0 else { return false }
        return !(0..<2).contains { first in
            let four = (first..<first + 4).reduce(UInt64(0)) { number, digit in
                number << 4 | UInt64(text[start + digit] & 15)
            }
            return ViewDecoder.isZlibHeader(four, RunDigits.hexadecimal.bits)
        }
    }
}

/// Returns a word in which the highest bit of each byte is set that is a digit, for bytes below 16.
@inline(__always)
private func equal(_ digits: UInt64, _ digit: UInt8) -> UInt64 {
    ~((digits ^ ByteWord.each(digit)) &+ ByteWord.each(0x7f))
}

/// Returns the highest bits of the eight bytes, the first one lowest.
@inline(__always)
private func bits(_ word: UInt64) -> UInt64 {
    ((word >> 7 & ByteWord.each(1)) &* 0x0102_0408_1020_4080) >> 56
}
