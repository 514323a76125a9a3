/// Sorts keys by their UTF-16 units (RFC 8785, section 3.2.3) on their bytes: eight bytes are compared as one number,
/// and keys with equal heads by their next eight. Sorting the strings themselves would retain two of them for each
/// comparison, and would reread common prefixes each time.
struct KeyOrder {
    private struct Entry {
        /// The next eight bytes, the first in the highest position, padded with zeros after the end of the key.
        var head: UInt64 = 0
        /// The number of bytes in `head` that belong to the key, up to 8.
        var left: UInt8 = 0
        let start: UInt32
        let end: UInt32
        let place: UInt32
    }

    /// Entries whose keys have the first `depth` bytes in common.
    private struct Run {
        let entries: Range<Int>
        let depth: Int
    }

    private var entries: [Entry] = []
    /// The bytes of all keys, mapped by `ordered`.
    private var bytes: [UInt8] = []

    /// - Precondition: the keys are distinct, and have fewer than 2^32 bytes in total.
    /// - Returns: the positions of the members in the order of their keys.
    static func places(of members: Span<(key: String, value: JSONValue)>) -> [Int] {
        guard !isInOrder(members) else { return Array(members.indices) }
        var order = KeyOrder(members)
        order.sort()
        return order.entries.map { Int($0.place) }
    }

    private static func isInOrder(_ members: Span<(key: String, value: JSONValue)>) -> Bool {
        for place in members.indices.dropFirst()
        where !precedesInUTF16(members[place - 1].key, members[place].key) { return false }
        return true
    }

    private init(_ members: Span<(key: String, value: JSONValue)>) {
        entries.reserveCapacity(members.count)
        for place in members.indices {
            let key = members[place].key.utf8.span
            let start = bytes.count
            bytes.append(addingCapacity: key.count) { output in
                for index in key.indices { output.append(ordered(key[index])) }
            }
            entries.append(
                Entry(start: UInt32(start), end: UInt32(bytes.count), place: UInt32(place)))
        }
    }

    private mutating func sort() {
        var runs = [Run(entries: entries.indices, depth: 0)]
        while let run = runs.popLast() {
            for entry in run.entries { read(entry, from: run.depth) }
            entries[run.entries].sort { ($0.head, $0.left) < ($1.head, $1.left) }
            var first = run.entries.lowerBound
            for next in run.entries.dropFirst() where entries[next].head != entries[first].head {
                add(first..<next, run.depth, to: &runs)
                first = next
            }
            add(first..<run.entries.upperBound, run.depth, to: &runs)
        }
    }

    private mutating func read(_ entry: Int, from depth: Int) {
        let start = Int(entries[entry].start) + depth
        let left = min(8, Int(entries[entry].end) - start)
        var head: UInt64 = 0
        for index in start..<start + left { head = head << 8 | UInt64(bytes[index]) }
        entries[entry].head = left == 0 ? 0 : head << UInt64(8 * (8 - left))
        entries[entry].left = UInt8(left)
    }

    /// - Parameter equal: entries with the same head. Those that end in it come first, and are in order.
    private func add(_ equal: Range<Int>, _ depth: Int, to runs: inout [Run]) {
        let longer = equal.drop { entries[$0].left < 8 }
        if longer.count > 1 {
            runs.append(Run(entries: longer.startIndex..<longer.endIndex, depth: depth + 8))
        }
    }
}

/// Maps a byte of UTF-8 so that comparing mapped bytes orders texts as their UTF-16 units do. The two orders differ
/// only where a scalar above U+FFFF (lead byte 0xf0 and up) meets one of U+E000...U+FFFF (lead bytes 0xee and 0xef):
/// the former is spelled with surrogates, which come first.
@inline(__always)
private func ordered(_ byte: UInt8) -> UInt8 { byte == 0xee || byte == 0xef ? byte + 16 : byte }

package func precedesInUTF16(_ a: String, _ b: String) -> Bool {
    let left = a.utf8.span
    let right = b.utf8.span
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
        return ordered(left[index]) < ordered(right[index])
    }
    return left.count < right.count
}
