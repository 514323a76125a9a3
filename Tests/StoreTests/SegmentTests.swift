import Glibc
import Testing

@testable import InterlockStore

struct SegmentTests {
    /// The second size is no multiple of a page, which direct writes cannot make.
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
        // Where the file system takes no direct writes, `Segment` writes the zeros itself.
        guard try ZeroFill.fill(folder + "/file", bytes: 8192) else { return }
        #expect(try file.isZero(0..<8192))
    }
}
