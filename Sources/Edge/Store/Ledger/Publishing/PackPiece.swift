import InterlockLedger
import InterlockModel

/// Consecutive blobs in the format of a pack.
struct PackPiece: Sendable {
    private(set) var blobs: ArraySlice<StoredBlob>
    private(set) var bytes: ArraySlice<UInt8>

    /// - Precondition: the blob is not empty and no longer than `BlobPack.maximumBlobBytes`.
    init(_ blob: StoredBlob) {
        precondition(!blob.bytes.isEmpty)
        var packed: [UInt8] = []
        packed.reserveCapacity(blob.bytes.count + BlobPack.overhead)
        BlobPack.append(blob, to: &packed)
        blobs = [blob]
        bytes = packed[...]
    }

    /// Takes a range of a frame's blobs without a copy.
    init(_ frame: Frame, _ places: Range<Int>) {
        blobs = frame.blobs[places]
        bytes = frame.packed(places)
    }

    /// Returns the bytes of the blobs that are not in `known`.
    func without(_ known: Set<Digest>) -> ArraySlice<UInt8> {
        if known.isEmpty || !blobs.contains(where: { known.contains($0.digest) }) { return bytes }
        var rest: [UInt8] = []
        for blob in blobs where !known.contains(blob.digest) { BlobPack.append(blob, to: &rest) }
        return rest[...]
    }
}
