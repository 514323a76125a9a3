extension ViewDecoder {
    /// Decodes digits, up to the first character that is not a digit.
    ///
    /// - Parameter skipped: the bits before the first byte.
    static func decode(
        _ run: EncodedRun, _ digits: RunDigits, _ range: Range<Int>, skipping skipped: Int,
        of text: Span<UInt8>, to output: inout [UInt8]
    ) {
        guard !range.isEmpty else { return }
        let table = digits.values
        let values = table.span
        let size = values.count
        precondition(size == 256)
        let bits = digits.bits
        var (line, offset) = run.position(of: range.lowerBound)
        var left = range.count
        var (group, count) = (UInt32(0), -skipped)
        while true {
            let end = min(run.line(line).upperBound, offset + left)
            left -= end - offset
            if bits == 6, count == 0 {
                offset = appendGroups(of: text, offset..<end, to: &output)
            }
            while offset < end {
                let value = values[Int(text[offset])]
                guard value != ByteClass.none else { return }
                offset += 1
                group = group << UInt32(bits) | UInt32(value)
                count += bits
                guard count >= 8 else { continue }
                count -= 8
                output.append(UInt8(truncatingIfNeeded: group >> UInt32(count)))
                group &= 0xff
            }
            guard left > 0 else { return }
            line += 1
            offset = run.line(line).lowerBound
        }
    }

    /// Decodes groups of four digits of base64, up to a group with a character that is not a digit or one before it.
    ///
    /// - Returns: the end of the groups.
    private static func appendGroups(
        of text: Span<UInt8>, _ range: Range<Int>, to bytes: inout [UInt8]
    ) -> Int {
        let all = DigitPairs.entries
        let entries = all.span
        let size = entries.count
        precondition(size == 1 << 16)
        precondition(range.lowerBound >= 0 && range.upperBound <= text.count)
        let source = unsafe text.bytes
        var offset = range.lowerBound
        // Each store writes two bytes behind the six of its digits.
        bytes.append(addingCapacity: range.count / 4 * 3 + 2) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, count in
                let room = UnsafeMutableRawBufferPointer(room)
                while range.upperBound &- offset >= 8, room.count &- count >= 8 {
                    let word = ByteWord.load(source, offset)
                    let first = entries[Int(word & 0xffff)]
                    let second = entries[Int(word >> 16 & 0xffff)]
                    let third = entries[Int(word >> 32 & 0xffff)]
                    let fourth = entries[Int(word >> 48)]
                    if first == DigitPairs.none || second == DigitPairs.none
                        || third == DigitPairs.none || fourth == DigitPairs.none
                    {
                        break
                    }
                    let six =
                        UInt64(first & 0xfff) << 52 | UInt64(second & 0xfff) << 40
                        | UInt64(third & 0xfff) << 28 | UInt64(fourth & 0xfff) << 16
                    unsafe room.storeBytes(
                        of: six.bigEndian, toByteOffset: count, as: UInt64.self)
                    count &+= 6
                    offset &+= 8
                }
            }
        }
        return offset
    }
}
