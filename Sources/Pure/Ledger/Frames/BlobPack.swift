package import InterlockModel

/// One payload blob as it is stored. In pack files and in frames, blobs are concatenated, each as its SHA-256,
/// big-endian u32 length, and bytes (docs/specs/ledger.md, section 6).
package struct StoredBlob: Sendable, Hashable {
    package let digest: Digest
    package let bytes: ArraySlice<UInt8>
    package init(digest: Digest, bytes: ArraySlice<UInt8>) {
        self.digest = digest
        self.bytes = bytes
    }
}

package enum BlobPack {
    /// The number of bytes that precede each blob.
    package static let overhead = 36
    /// The maximum size of a blob: `payload.max` plus space for the blob's own format.
    package static let maximumBlobBytes = 16 << 20 + 64

    package static func append(_ blob: StoredBlob, to output: inout [UInt8]) {
        precondition(blob.bytes.count <= maximumBlobBytes)
        output.append(addingCapacity: 32) { blob.digest.append(to: &$0) }
        output.appendInteger(UInt64(blob.bytes.count), width: 4)
        output += blob.bytes
    }

    /// - Returns: nil unless `range` holds exactly `count` blobs and nothing else. Digests are not compared with the
    ///   blobs here.
    package static func decode(_ bytes: [UInt8], in range: Range<Int>, count: Int) -> [StoredBlob]?
    {
        var reader = ByteReader(bytes, in: range)
        var blobs: [StoredBlob] = []
        for _ in 0..<count {
            guard let blob = next(&reader) else { return nil }
            blobs.append(blob)
        }
        return reader.isAtEnd ? blobs : nil
    }

    /// Parses the head of one blob in a pack file: digest and length. Returns nil if it is incomplete or the length
    /// exceeds the limit.
    package static func head(_ bytes: [UInt8]) -> (digest: Digest, length: Int)? {
        guard bytes.count == overhead else { return nil }
        var reader = ByteReader(bytes, in: 0..<overhead)
        guard let digest = reader.digest(), let length = reader.integer(4),
            length <= maximumBlobBytes
        else { return nil }
        return (digest, Int(length))
    }

    private static func next(_ reader: inout ByteReader) -> StoredBlob? {
        guard let digest = reader.digest(), let length = reader.integer(4),
            length <= maximumBlobBytes, let range = reader.take(Int(length))
        else { return nil }
        return StoredBlob(digest: digest, bytes: reader.bytes[range])
    }
}
