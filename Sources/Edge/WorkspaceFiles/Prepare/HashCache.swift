import CLinux
import Glibc
package import InterlockModel

/// The digests of files of earlier runs by the state of the file: device, inode, size, and the times of the last write
/// and status change. A file that changed shortly before it was read is not kept: a later write could leave the same
/// times.
package struct HashCache {
    private struct Key: Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let written: Int64
        let changed: Int64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            written = status.st_mtim.nanoseconds
            changed = status.st_ctim.nanoseconds
        }

        init(words: ArraySlice<UInt64>) {
            let words = Array(words)
            (device, inode) = (words[0], words[1])
            size = Int64(bitPattern: words[2])
            written = Int64(bitPattern: words[3])
            changed = Int64(bitPattern: words[4])
        }

        var words: [UInt64] {
            [
                device, inode, UInt64(bitPattern: size), UInt64(bitPattern: written),
                UInt64(bitPattern: changed),
            ]
        }
    }

    /// The most files that are kept.
    private static let mostFiles = 1_000_000
    /// The number of 64-bit words of a file: its state and its digest.
    private static let wordsPerFile = 9
    package static let mostBytes = mostFiles * wordsPerFile * 8 + 32

    private var known: [Key: Digest] = [:]
    private var used: [Key: Digest] = [:]
    /// Files that changed at this time or later are not kept, in nanoseconds since 1970.
    private let settled: Int64

    /// - Parameters:
    ///   - bytes: the text of an earlier cache; a text that is not as it was written counts as empty.
    ///   - rest: how long before now a file must have changed to be kept, in nanoseconds.
    package init(_ bytes: [UInt8] = [], hashing: any Hashing, rest: Int64 = 2_000_000_000) {
        var time = timespec()
        settled = unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 ? time.nanoseconds - rest : 0
        let body = bytes.dropLast(32)
        guard bytes.count > 32, body.count % (Self.wordsPerFile * 8) == 0,
            bytes.count <= Self.mostBytes,
            hashing.sha256(Array(body)).bytes.elementsEqual(bytes.suffix(32))
        else { return }
        var words: [UInt64] = []
        words.reserveCapacity(body.count / 8)
        var word: UInt64 = 0
        for (index, byte) in body.enumerated() {
            word = word << 8 | UInt64(byte)
            if index % 8 == 7 { words.append(word) }
        }
        for start in stride(from: 0, to: words.count, by: Self.wordsPerFile) {
            known[Key(words: words[start..<start + 5])] = Digest(
                words: (words[start + 5], words[start + 6], words[start + 7], words[start + 8]))
        }
    }

    /// The text of the digests that were asked for or added since.
    package func bytes(hashing: any Hashing) -> [UInt8] {
        var bytes: [UInt8] = []
        for (key, digest) in used.prefix(Self.mostFiles) {
            let words =
                key.words + [
                    digest.words.0, digest.words.1, digest.words.2, digest.words.3,
                ]
            for word in words {
                for shift in stride(from: 56, through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
                }
            }
        }
        return bytes + hashing.sha256(bytes).bytes
    }

    mutating func digest(_ status: stat) -> Digest? {
        let key = Key(status)
        guard let digest = known[key] else { return nil }
        used[key] = digest
        return digest
    }

    mutating func add(_ status: stat, _ digest: Digest) {
        let key = Key(status)
        guard max(key.written, key.changed) < settled else { return }
        used[key] = digest
    }
}

extension timespec {
    var nanoseconds: Int64 { Int64(tv_sec) &* 1_000_000_000 &+ Int64(tv_nsec) }
}
