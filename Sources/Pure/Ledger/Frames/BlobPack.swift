package import InterlockModel

/// Payload blobs one after the other: SHA-256 of the blob, big-endian u32 length, blob (section 6 of
/// the ledger's spec). The form of pack files and of the blobs in a frame.
package struct StoredBlob: Sendable, Hashable {
    package let digest: Digest
    package let bytes: ArraySlice<UInt8>
    package init(digest: Digest, bytes: ArraySlice<UInt8>) {
        self.digest = digest
        self.bytes = bytes
    }
}

package enum BlobPack {
    /// Bytes in front of each blob.
    package static let overhead = 36
    /// `payload.max` and the room of the blob's own form.
    package static let maximumBlobBytes = 16 << 20 + 64

    package static func append(_ blob: StoredBlob, to output: inout [UInt8]) {
        precondition(blob.bytes.count <= maximumBlobBytes)
        output.append(addingCapacity: 32) { blob.digest.append(to: &$0) }
        output.appendInteger(UInt64(blob.bytes.count), width: 4)
        output += blob.bytes
    }

    /// - Returns: nil unless `range` holds exactly `count` blobs and nothing else. Digests are not
    ///   compared with the blobs here.
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

    /// The head of one blob in a pack file: digest and length; nil when torn or too long.
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
