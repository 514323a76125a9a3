/// Writes POSIX `ustar` archives in the one form of evidence bundles: regular files with mode 0644 and owner, group and
/// time zero. The same files always yield the same bytes.
package enum UstarArchive {
    package static let blockBytes = 512
    /// The maximum length of a name: the field is one byte longer, for a terminating zero.
    package static let maximumNameBytes = 99
    /// The maximum size of a file, in bytes, limited by eleven octal digits.
    package static let maximumContentBytes = 1 << 33 - 1

    /// Returns the header block that precedes a file's content.
    /// - Precondition: the name has 1 to 99 bytes, and `count` is at most `maximumContentBytes`.
    package static func header(name: String, count: Int) -> [UInt8] {
        let name = Array(name.utf8)
        precondition((1...maximumNameBytes).contains(name.count))
        precondition((0...maximumContentBytes).contains(count))
        var header = [UInt8](repeating: 0, count: blockBytes)
        func put(_ bytes: some Collection<UInt8>, at place: Int) {
            header.replaceSubrange(place..<place + bytes.count, with: bytes)
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(count, digits: 11), at: 124)
        put(octal(0, digits: 11), at: 136)
        put("0".utf8, at: 156)
        put("ustar".utf8, at: 257)
        put("00".utf8, at: 263)
        // The checksum counts its own field as eight spaces.
        let sum = header.reduce(8 * 0x20) { $0 + Int($1) }
        put(octal(sum, digits: 6) + [0, 0x20], at: 148)
        return header
    }

    /// Returns the padding that follows a content of `count` bytes.
    package static func padding(after count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (blockBytes - count % blockBytes) % blockBytes)
    }

    /// The two zero blocks that end an archive.
    package static let end = [UInt8](repeating: 0, count: 2 * blockBytes)

    private static func octal(_ value: Int, digits: Int) -> [UInt8] {
        (0..<digits).reversed().map { UInt8(ascii: "0") + UInt8(value >> (3 * $0) & 7) }
    }
}
