/// The entry bundles of C2SP tlog-tiles: each entry as a big-endian uint16 length and its bytes, concatenated.
package enum EntryBundle {
    /// - Precondition: `entry` has at most 65,535 bytes.
    package static func append(_ entry: ArraySlice<UInt8>, to output: inout [UInt8]) {
        precondition(entry.count <= Int(UInt16.max), "an entry has a 16-bit length")
        output.appendInteger(UInt64(entry.count), width: 2)
        output += entry
    }

    package static func encode(_ entries: some Sequence<[UInt8]>) -> [UInt8] {
        var output: [UInt8] = []
        for entry in entries { append(entry[...], to: &output) }
        return output
    }

    /// - Returns: nil unless `range` holds exactly `count` entries and nothing else.
    package static func decode(
        _ bytes: [UInt8], in range: Range<Int>, count: Int
    ) -> [ArraySlice<UInt8>]? {
        var reader = ByteReader(bytes, in: range)
        var entries: [ArraySlice<UInt8>] = []
        for _ in 0..<count {
            guard let length = reader.integer(2), let entry = reader.take(Int(length)) else {
                return nil
            }
            entries.append(bytes[entry])
        }
        return reader.isAtEnd ? entries : nil
    }

    package static func decode(_ bytes: [UInt8], count: Int) -> [ArraySlice<UInt8>]? {
        decode(bytes, in: 0..<bytes.count, count: count)
    }
}
