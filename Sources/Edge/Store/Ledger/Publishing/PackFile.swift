import Glibc
import InterlockLedger
import InterlockModel

/// A pack of payloads, read from its beginning: the heads of its blobs serve as its index.
struct PackFile {
    private let file: FileDescriptor
    private let size: Int

    init(_ path: String) throws(SystemError) {
        file = try FileDescriptor(path, O_RDONLY)
        size = try file.size()
    }

    /// Returns the digests of the intact blobs before the first damaged one, and whether the file holds nothing else.
    func checked(_ hashing: any Hashing) throws(SystemError) -> (Set<Digest>, isWhole: Bool) {
        var good: Set<Digest> = []
        var isGood = true
        let end = try forEach { digest, place throws(SystemError) in
            let blob = try file.read(at: place.lowerBound, count: place.count)
            isGood = hashing.sha256(blob) == digest
            if isGood { good.insert(digest) }
            return isGood
        }
        return (good, isGood && end == size)
    }

    /// - Returns: the offset after the last blob that `body` accepted.
    private func forEach(
        _ body: (Digest, Range<Int>) throws(SystemError) -> Bool
    ) throws(SystemError) -> Int {
        var offset = 0
        // A head of zeros is a hole that a crash left; a blob is never empty.
        while let head = BlobPack.head(try file.read(at: offset, count: BlobPack.overhead)),
            head.length > 0
        {
            let start = offset + BlobPack.overhead
            guard start + head.length <= size,
                try body(head.digest, start..<start + head.length)
            else { return offset }
            offset = start + head.length
        }
        return offset
    }
}
