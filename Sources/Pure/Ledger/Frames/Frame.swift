import InterlockModel

/// One group commit in the write-ahead log (docs/specs/ledger.md, section 8): records, their blobs, the signed
/// checkpoint of the tree after them, and a checksum. It is padded with zeros to a multiple of 4,096 bytes, so that a
/// torn write cannot damage an older frame.
package struct Frame: Sendable {
    package let header: FrameHeader
    package let records: [ArraySlice<UInt8>]
    package let blobs: [StoredBlob]
    /// The checkpoint as a signed note.
    package let checkpoint: [UInt8]
    private let bytes: [UInt8]

    package static let alignment = 4096
    package static let maximumRecords = 4096
    /// The maximum size of a frame, in bytes. It is far above what the writer produces (1 MiB and one record); readers
    /// reject larger frames.
    package static let maximumBytes = 4 << 20

    /// Returns the padded size of a frame with these parts.
    package static func paddedSize(recordBytes: Int, blobBytes: Int, checkpointBytes: Int) -> Int {
        let size = FrameHeader.size + recordBytes + blobBytes + checkpointBytes + 4
        return (size + alignment - 1) / alignment * alignment
    }

    /// The number and size of the items in one part of a frame, known before it is written.
    package struct Section: Sendable, Hashable {
        package let count: Int
        /// The size including the overhead of the encoding.
        package let bytes: Int

        package init(count: Int, bytes: Int) {
            self.count = count
            self.bytes = bytes
        }
    }

    /// - Parameters:
    ///   - trailing: the number of zeros after the padding, which do not belong to the frame.
    ///   - checksum: `CRC32C.checksum`, or a faster equivalent.
    ///   - body: appends the records in the encoding of entry bundles, then the blobs in that of packs.
    /// - Precondition: `body` appends exactly what the sections state.
    package static func encode(
        use: UInt64, first: UInt64, records: Section, blobs: Section, checkpoint: [UInt8],
        trailing: Int = 0, checksum: (Span<UInt8>) -> UInt32 = CRC32C.checksum,
        body: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        let padded = paddedSize(
            recordBytes: records.bytes, blobBytes: blobs.bytes, checkpointBytes: checkpoint.count)
        precondition((1...maximumRecords).contains(records.count) && padded <= maximumBytes)
        var bytes = FrameHeader.magic
        bytes.reserveCapacity(padded + trailing)
        bytes.appendInteger(use, width: 8)
        bytes.appendInteger(first, width: 8)
        for value in [records.count, blobs.count, records.bytes, blobs.bytes, checkpoint.count, 0] {
            bytes.appendInteger(UInt64(value), width: 4)
        }
        body(&bytes)
        precondition(bytes.count == FrameHeader.size + records.bytes + blobs.bytes)
        bytes += checkpoint
        bytes.appendInteger(UInt64(checksum(bytes.span)), width: 4)
        bytes.append(contentsOf: repeatElement(0, count: padded + trailing - bytes.count))
        return bytes
    }

    /// Returns an encoded frame with this checkpoint in place of its empty one. Records and blobs are copied as they are.
    ///
    /// - Parameters:
    ///   - unsigned: a frame that `encode` returned, or such a one that was read back.
    ///   - trailing: as in `encode`.
    ///   - checksum: `CRC32C.checksum`, or a faster equivalent.
    /// - Precondition: it has an empty checkpoint.
    package static func sign(
        _ unsigned: [UInt8], _ checkpoint: [UInt8], trailing: Int = 0,
        checksum: (Span<UInt8>) -> UInt32 = CRC32C.checksum
    ) -> [UInt8] {
        guard let header = FrameHeader(unsigned), header.checkpointBytes == 0 else {
            preconditionFailure("the frame is signed already, or malformed")
        }
        let end = FrameHeader.size + header.recordBytes + header.blobBytes
        let padded = paddedSize(
            recordBytes: header.recordBytes, blobBytes: header.blobBytes,
            checkpointBytes: checkpoint.count)
        precondition(padded <= maximumBytes)
        var bytes = Array(unsigned[..<FrameHeader.checkpointField])
        bytes.reserveCapacity(padded + trailing)
        bytes.appendInteger(UInt64(checkpoint.count), width: 4)
        bytes += unsigned[(FrameHeader.checkpointField + 4)..<end]
        bytes += checkpoint
        bytes.appendInteger(UInt64(checksum(bytes.span)), width: 4)
        bytes.append(contentsOf: repeatElement(0, count: padded + trailing - bytes.count))
        return bytes
    }

    /// Does the same with this frame.
    package func signed(
        _ checkpoint: [UInt8], trailing: Int, checksum: (Span<UInt8>) -> UInt32
    ) -> [UInt8] {
        Self.sign(bytes, checkpoint, trailing: trailing, checksum: checksum)
    }

    /// - Parameters:
    ///   - bytes: the whole padded frame.
    ///   - checksum: `CRC32C.checksum`, or a faster equivalent.
    /// - Returns: nil unless every field, the checksum and the padding are valid.
    package init?(_ bytes: [UInt8], checksum: (Span<UInt8>) -> UInt32 = CRC32C.checksum) {
        guard let header = FrameHeader(bytes), bytes.count == header.paddedSize else { return nil }
        let recordsEnd = FrameHeader.size + header.recordBytes
        let blobsEnd = recordsEnd + header.blobBytes
        let checkpointEnd = blobsEnd + header.checkpointBytes
        var tail = ByteReader(bytes, in: checkpointEnd..<checkpointEnd + 4)
        guard tail.integer(4) == UInt64(checksum(bytes.span.extracting(..<checkpointEnd))),
            bytes[(checkpointEnd + 4)...].allSatisfy({ $0 == 0 }),
            let records = EntryBundle.decode(
                bytes, in: FrameHeader.size..<recordsEnd, count: header.recordCount),
            let blobs = BlobPack.decode(bytes, in: recordsEnd..<blobsEnd, count: header.blobCount)
        else { return nil }
        self.header = header
        self.records = records
        self.blobs = blobs
        self.bytes = bytes
        checkpoint = Array(bytes[blobsEnd..<checkpointEnd])
    }

    /// Returns some of the blobs in the encoding of packs, without copying them.
    package func packed(_ places: Range<Int>) -> ArraySlice<UInt8> {
        guard let first = blobs[places].first, let last = blobs[places].last else { return [] }
        return bytes[first.bytes.startIndex - BlobPack.overhead..<last.bytes.endIndex]
    }
}

/// The first 48 bytes of a frame.
package struct FrameHeader: Sendable, Hashable {
    /// The use count of the segment, one higher at each reuse; frames with a lower one are stale.
    package let use: UInt64
    /// The index of the first record.
    package let first: UInt64
    package let recordCount: Int
    package let blobCount: Int
    package let recordBytes: Int
    package let blobBytes: Int
    package let checkpointBytes: Int

    package static let size = 48
    /// The offset of `checkpointBytes`.
    static let checkpointField = 40
    package static let magic: [UInt8] = Array("ILWAL".utf8) + [0, 0, 1]

    /// The size of the tree after the frame.
    package var end: UInt64 { first + UInt64(recordCount) }

    package var paddedSize: Int {
        Frame.paddedSize(
            recordBytes: recordBytes, blobBytes: blobBytes, checkpointBytes: checkpointBytes)
    }

    /// - Parameter bytes: at least 48 bytes; further bytes are ignored.
    /// - Returns: nil unless the fields are within the limits of a frame.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.size, bytes.starts(with: Self.magic) else { return nil }
        var reader = ByteReader(bytes, in: Self.magic.count..<Self.size)
        guard let use = reader.integer(8), let first = reader.integer(8),
            let records = reader.integer(4), let blobs = reader.integer(4),
            let recordBytes = reader.integer(4), let blobBytes = reader.integer(4),
            let checkpointBytes = reader.integer(4), reader.integer(4) == 0,
            (1...UInt64(Frame.maximumRecords)).contains(records), first < 1 << 63,
            blobs <= blobBytes, blobs <= UInt64(Frame.maximumBytes),
            recordBytes + blobBytes + checkpointBytes <= UInt64(Frame.maximumBytes)
        else { return nil }
        self.use = use
        self.first = first
        recordCount = Int(records)
        blobCount = Int(blobs)
        self.recordBytes = Int(recordBytes)
        self.blobBytes = Int(blobBytes)
        self.checkpointBytes = Int(checkpointBytes)
    }
}
