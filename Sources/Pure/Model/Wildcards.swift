/// Returns true if a pattern in lower case means the name, whose ASCII letters may be in either case: `*` is any run of bytes,
/// `?` is one byte, all else is itself. Takes at most the product of both lengths in steps.
package func matchesWildcards(_ pattern: [UInt8], _ name: ArraySlice<UInt8>) -> Bool {
    let star = UInt8(ascii: "*")
    var (position, place) = (0, name.startIndex)
    // The last `*` and the first byte that it does not cover yet.
    var retry: (position: Int, place: Int)?
    while place < name.endIndex {
        if position < pattern.count, pattern[position] == star {
            retry = (position, place)
            position += 1
        } else if position < pattern.count,
            pattern[position] == UInt8(ascii: "?") || pattern[position] == lowercased(name[place])
        {
            position += 1
            place += 1
        } else if let last = retry {
            retry = (last.position, last.place + 1)
            (position, place) = (last.position + 1, last.place + 1)
        } else {
            return false
        }
    }
    return pattern[position...].allSatisfy { $0 == star }
}

/// Returns the byte with an ASCII letter in lower case.
package func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
