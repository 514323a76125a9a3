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

/// The decoding that a text may still cost.
struct DecodingBudget: Sendable {
    let limits: ViewLimits
    private(set) var remaining: Int
    /// True if the decoded bytes are too many.
    private(set) var isOverBytes = false
    /// True if something was not decoded: the bytes are too many, a part unpacks to too much, or there are too many
    /// layers.
    private(set) var isOver = false

    init(_ limits: ViewLimits) { (self.limits, remaining) = (limits, limits.allBytes) }

    /// - Returns: false if the bytes are too many.
    mutating func take(_ bytes: Int) -> Bool {
        remaining -= min(bytes, remaining + 1)
        if remaining < 0 { exceedBytes() }
        return remaining >= 0
    }

    mutating func exceedBytes() { (isOverBytes, isOver) = (true, true) }
    mutating func exceedOther() { isOver = true }
}

/// The formats of compressed data.
package enum PackedForm: Sendable, Hashable, CaseIterable {
    /// RFC 1952, RFC 1950 and RFC 1951.
    case gzip, zlib, deflate
}

/// Unpacks compressed data. One thread uses it at a time.
package protocol Inflater: AnyObject {
    /// Appends what a part unpacks to.
    ///
    /// - Parameter most: the most bytes that are appended.
    func inflate(
        _ packed: Span<UInt8>, _ form: PackedForm, most: Int, to output: inout [UInt8]
    ) -> InflateEnd
}

/// The reason for which unpacking ended; what was unpacked before is there.
package enum InflateEnd: Sendable, Hashable {
    /// The data have ended. Bytes may follow them.
    case whole
    /// The part ends before its data.
    case cut
    /// The data are malformed from here on.
    case broken
    /// There is more than was asked for.
    case full
}
