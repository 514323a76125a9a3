/// Reads big-endian fields from the front of bytes; returns nil past the end.
struct ByteCursor {
    let bytes: [UInt8]
    private(set) var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func integer(_ width: Int) -> UInt64? {
        guard let range = take(width) else { return nil }
        return bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, bytes.count - place >= count else { return nil }
        defer { place += count }
        return place..<place + count
    }
}
