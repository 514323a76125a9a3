/// The limits of decoding a text (docs/specs/output-safety.md, section 3).
package struct ViewLimits: Sendable, Hashable {
    /// The most decoded bytes for each compressed byte.
    package static let ratio = 100
    /// Decoded bytes that any compressed part may have, however short it is.
    package static let freeBytes = 4096
    /// The least cost in bytes of a try to unpack something that looks compressed: a try costs the bytes that it reads and
    /// those that it makes.
    static let probeCost = 64

    /// The most decoded bytes of one encoded part.
    package let partBytes: Int
    /// The most decoded bytes in all.
    package let allBytes: Int

    package init(partBytes: Int, allBytes: Int) {
        (self.partBytes, self.allBytes) = (partBytes, allBytes)
    }

    package static let full = ViewLimits(partBytes: 4 << 20, allBytes: 16 << 20)
    /// The limits of a search on a thread that serves others too, for texts of at most 64 KiB.
    package static let small = ViewLimits(partBytes: 128 << 10, allBytes: 256 << 10)
}
