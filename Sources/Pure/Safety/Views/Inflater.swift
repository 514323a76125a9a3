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
