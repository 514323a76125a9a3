import InterlockLedger
import InterlockModel
import Testing

@Suite struct FrameTests {
    private func frame(
        records: [[UInt8]], blobs: [[UInt8]] = [], first: UInt64 = 7,
        checkpoint: [UInt8] = Array("checkpoint".utf8), trailing: Int = 0
    ) -> [UInt8] {
        var packed: [UInt8] = []
        for blob in blobs {
            BlobPack.append(
                StoredBlob(digest: hashing.sha256(blob), bytes: blob[...]), to: &packed)
        }
        let bundle = EntryBundle.encode(records)
        return Frame.encode(
            use: 1, first: first, records: .init(count: records.count, bytes: bundle.count),
            blobs: .init(count: blobs.count, bytes: packed.count), checkpoint: checkpoint,
            trailing: trailing
        ) { $0 += bundle + packed }
    }

    @Test func `a frame is read as it was written`() throws {
        let records: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 5000)]
        let blobs: [[UInt8]] = [[4], [UInt8](repeating: 5, count: 70)]
        let bytes = frame(records: records, blobs: blobs)
        #expect(bytes.count % 4096 == 0)
        let read = try #require(Frame(bytes))
        #expect(read.header.first == 7 && read.header.end == 10)
        #expect(read.records.map(Array.init) == records)
        #expect(read.blobs.map { Array($0.bytes) } == blobs)
        #expect(read.checkpoint == Array("checkpoint".utf8))
    }

    @Test func `a frame that gets its checkpoint later is the same frame`() throws {
        let records: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 3900)]
        let blobs: [[UInt8]] = [[4], [UInt8](repeating: 5, count: 70)]
        let draft = frame(records: records, blobs: blobs, checkpoint: [])
        // The second makes the frame one page longer.
        for checkpoint in [Array("checkpoint".utf8), [UInt8](repeating: 0x61, count: 900)] {
            let whole = frame(
                records: records, blobs: blobs, checkpoint: checkpoint, trailing: 4096)
            #expect(Frame.sign(draft, checkpoint, trailing: 4096) == whole)
            let read = try #require(Frame(draft))
            #expect(
                read.signed(checkpoint, trailing: 4096, checksum: CRC32C.checksum) == whole)
        }
    }

    @Test func `a bit flipped anywhere in a frame, its padding included, is noticed`() {
        let bytes = frame(records: [[1, 2, 3]], blobs: [[4, 5]])
        for place in bytes.indices {
            var edited = bytes
            edited[place] ^= 1 << UInt8(place % 8)
            #expect(Frame(edited) == nil, "byte \(place)")
        }
    }

    @Test func `a frame that is cut off or zeroed from any byte on is noticed`() {
        let bytes = frame(records: [[1, 2, 3]])
        let meaningful = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        for place in 0..<meaningful {
            #expect(Frame(Array(bytes[..<place])) == nil)
            var zeroed = bytes
            for rest in place..<bytes.count { zeroed[rest] = 0 }
            #expect(Frame(zeroed) == nil, "byte \(place)")
        }
    }

    @Test func `the checksum is CRC-32C`() {
        #expect(CRC32C.checksum(Array("123456789".utf8).span) == 0xe306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32).span) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32).span) == 0x62a8_ab43)
        #expect(CRC32C.checksum([UInt8](0..<32).span) == 0x46dd_794e)
    }

    @Test func `recovery cuts one torn frame and takes anything else for damage`() {
        let torn = SegmentTail.bad(offset: 8192, goodFrameAfter: false)
        let edited = SegmentTail.bad(offset: 8192, goodFrameAfter: true)
        #expect(RecoveryDecision(tails: [.clean, .clean], unreached: nil, size: 3) == .clean)
        #expect(
            RecoveryDecision(tails: [.clean, torn], unreached: nil, size: 3)
                == .cut(segment: 1, offset: 8192))
        for (tails, unreached) in [([edited], nil), ([torn, torn], nil), ([.clean], UInt64(9))] {
            guard case .damaged = RecoveryDecision(tails: tails, unreached: unreached, size: 3)
            else {
                Issue.record("\(tails) was accepted")
                continue
            }
        }
    }
}
