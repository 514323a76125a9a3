import Glibc
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

@Suite struct EntryReaderTests {
    @Test func `a record by its place is that of the whole log, wherever it lies`() async throws {
        let test = try await TestLog.make(size: 600, segmentBytes: 4 << 20)
        let log = try test.open()
        try await test.fill(log, to: 640)
        let published = try test.published().size
        #expect(published < 640)
        var hashes: [Digest] = []
        try test.reader.scan {
            hashes.append($0.leaf.hash)
            return true
        }
        // The second size is one at which the second bundle was not full.
        for size in [published, 300] {
            var entries = EntryReader(test.reader, published: size)
            for place in Array(0..<640).shuffled() + Array(590..<640) {
                let entry = try entries.entry(at: UInt64(place))
                #expect(entry?.index == UInt64(place) && entry?.leaf.hash == hashes[place])
            }
            #expect(try entries.entry(at: 640) == nil)
        }
        log.close()
    }

    @Test func `a bundle that is none is no record`() async throws {
        let test = try await TestLog.make(size: 600, segmentBytes: 4 << 20)
        var entries = EntryReader(test.reader, published: 600)
        #expect(try entries.entry(at: 3) != nil)
        let bundle = test.configuration.log + "/tile/entries/001"
        let file = try FileDescriptor(bundle, O_WRONLY)
        try file.write([0xff, 0xff], at: 0)
        #expect(throws: LedgerFailure.self) { try entries.entry(at: 300) }
        // Entries that were read before stay available.
        #expect(try entries.entry(at: 3) != nil)
        // The frames still have the entry.
        try Folder.remove(bundle)
        #expect(try entries.entry(at: 300)?.index == 300)
    }
}
