/// A frame that is durable before another process signs its checkpoint, and the place in the write-ahead log that it is
/// meant for. After a crash a start can complete what the signer has signed and the log does not have.
///
/// ```
/// magic, u32 CRC-32C of all that follows, u32 count of all that follows,
/// u16 length and name of the segment, u64 offset, u32 trailing, the frame with an empty checkpoint
/// ```
/// Bytes after it are of longer ones before it.
package struct UnsignedFrame: Sendable {
    /// The name of the segment.
    package let segment: String
    package let offset: Int
    /// The number of zeros that follow the frame where there is room for them.
    package let trailing: Int
    package let frame: Frame

    private static let magic: [UInt8] = Array("ILSIG".utf8) + [0, 0, 1]
    private static let headBytes = 16
    /// The maximum size of a file, in bytes.
    package static let maximumBytes = Frame.maximumBytes + 4096

    /// - Parameters:
    ///   - frame: the encoded frame, whose checkpoint is empty and which no zeros follow.
    ///   - checksum: `CRC32C.checksum`, or a faster equivalent.
    /// - Precondition: the name has at most 255 bytes.
    package static func encode(
        _ frame: [UInt8], segment: String, offset: Int, trailing: Int,
        checksum: (Span<UInt8>) -> UInt32 = CRC32C.checksum
    ) -> [UInt8] {
        let name = Array(segment.utf8)
        precondition(name.count <= 255 && offset >= 0 && trailing >= 0)
        var body: [UInt8] = []
        body.reserveCapacity(frame.count + name.count + 14)
        body.appendInteger(UInt64(name.count), width: 2)
        body += name
        body.appendInteger(UInt64(offset), width: 8)
        body.appendInteger(UInt64(trailing), width: 4)
        body += frame
        var bytes = magic
        bytes.reserveCapacity(headBytes + body.count)
        bytes.appendInteger(UInt64(checksum(body.span)), width: 4)
        bytes.appendInteger(UInt64(body.count), width: 4)
        return bytes + body
    }

    /// - Returns: nil unless the checksum holds and the frame is whole: a torn write does not count.
    package init?(parsing bytes: [UInt8], checksum: (Span<UInt8>) -> UInt32 = CRC32C.checksum) {
        guard bytes.count >= Self.headBytes, bytes.starts(with: Self.magic) else { return nil }
        var head = ByteReader(bytes, in: Self.magic.count..<bytes.count)
        guard let sum = head.integer(4), let count = head.integer(4),
            count <= UInt64(Self.maximumBytes), let body = head.take(Int(count)),
            sum == UInt64(checksum(bytes.span.extracting(body)))
        else { return nil }
        var fields = ByteReader(bytes, in: body)
        guard let length = fields.integer(2), length <= 255, let name = fields.take(Int(length)),
            let segment = String(validating: bytes[name], as: UTF8.self),
            let offset = fields.integer(8), offset < 1 << 40,
            let trailing = fields.integer(4), trailing <= UInt64(Frame.alignment),
            let rest = fields.take(body.upperBound - fields.position),
            let frame = Frame(Array(bytes[rest]), checksum: checksum), frame.checkpoint.isEmpty
        else { return nil }
        self.segment = segment
        self.offset = Int(offset)
        self.trailing = Int(trailing)
        self.frame = frame
    }

    /// Returns the frame's bytes with this checkpoint and the zeros after it, as the log has them.
    ///
    /// - Parameter room: the bytes from the frame's place to the end of the segment.
    /// - Returns: nil if the frame has no room.
    package func signed(
        _ checkpoint: [UInt8], room: Int, checksum: (Span<UInt8>) -> UInt32 = CRC32C.checksum
    ) -> [UInt8]? {
        let header = frame.header
        let size = Frame.paddedSize(
            recordBytes: header.recordBytes, blobBytes: header.blobBytes,
            checkpointBytes: checkpoint.count)
        guard size <= room, size <= Frame.maximumBytes else { return nil }
        return frame.signed(
            checkpoint, trailing: room >= size + trailing ? trailing : 0, checksum: checksum)
    }
}
