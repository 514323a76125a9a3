import Glibc
import InterlockLedger
import InterlockModel

/// A pack of payloads, read from its beginning: its index is its own heads.
struct PackFile {
    private let file: FileDescriptor
    private let size: Int

    init(_ path: String) throws(SystemError) {
        file = try FileDescriptor(path, O_RDONLY)
        size = try file.size()
    }

    func digests() throws(SystemError) -> [Digest] {
        var digests: [Digest] = []
        try forEach { digest, _ in
            digests.append(digest)
            return true
        }
        return digests
    }

    func blob(_ digest: Digest) throws(SystemError) -> [UInt8]? {
        var range: Range<Int>?
        try forEach { found, place in
            if found == digest { range = place }
            return range == nil
        }
        guard let range else { return nil }
        return try file.read(at: range.lowerBound, count: range.count)
    }

    /// The offset behind the last whole blob.
    func end() throws(SystemError) -> Int {
        var end = 0
        try forEach { _, place in
            end = place.upperBound
            return true
        }
        return end
    }

    private func forEach(_ body: (Digest, Range<Int>) -> Bool) throws(SystemError) {
        var offset = 0
        // A head of zeros is a hole that a crash left; a blob is never empty.
        while let head = BlobPack.head(try file.read(at: offset, count: BlobPack.overhead)),
            head.length > 0
        {
            let start = offset + BlobPack.overhead
            guard start + head.length <= size, body(head.digest, start..<start + head.length)
            else { return }
            offset = start + head.length
        }
    }
}
