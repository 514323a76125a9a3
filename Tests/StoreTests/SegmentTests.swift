import Glibc
import Testing

@testable import InterlockStore

struct SegmentTests {
    /// The second size is not a multiple of a page, which direct writes cannot produce.
    @Test(arguments: [3 << 20, (1 << 20) + 123], [true, false])
    func `a new segment is zeros to its end`(bytes: Int, cached: Bool) throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let segment = try Segment(making: "000.seg", in: folder, bytes: bytes, cached: cached)
        #expect(try segment.file.size() == bytes)
        #expect(try segment.file.isZero(0..<bytes))
        #expect(try Folder.names(folder) == ["000.seg"])
        for place in [0, bytes / 2, bytes - 1] {
            try segment.file.write([1], at: place)
            #expect(try !segment.file.isZero(0..<bytes))
            try segment.file.write([0], at: place)
        }
    }

    @Test func `direct zeros replace what was there`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let file = try FileDescriptor(folder + "/file", O_RDWR | O_CREAT)
        try file.write([UInt8](repeating: 1, count: 8192), at: 0)
        // If the file system does not support direct writes, `Segment` writes the zeros itself.
        guard try ZeroFill.fill(folder + "/file", bytes: 8192) else { return }
        #expect(try file.isZero(0..<8192))
    }

    @Test func `one byte within a range is found, and none outside of it`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let bytes = (9 << 20) + 77
        let segment = try Segment(making: "000.seg", in: folder, bytes: bytes, cached: true)
        let window = 4 << 20
        for range in [5000..<bytes, 4096..<window + 1, 1..<2, window - 1..<2 * window + 4097] {
            for place in [
                range.lowerBound - 1, range.lowerBound, range.lowerBound + range.count / 2,
                range.upperBound - 1, range.upperBound,
            ] where place < bytes {
                try segment.file.write([1], at: place)
                #expect(
                    try segment.file.isZero(range) != range.contains(place), "\(range) \(place)")
                try segment.file.write([0], at: place)
            }
        }
    }
}
