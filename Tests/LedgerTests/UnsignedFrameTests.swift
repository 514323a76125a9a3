import InterlockLedger
import Testing

struct UnsignedFrameTests {
    private let records = [Array("one".utf8), Array("another".utf8)]

    private func frame(_ checkpoint: [UInt8]) -> [UInt8] {
        let bytes = records.reduce(0) { $0 + $1.count + 2 }
        return Frame.encode(
            use: 3, first: 41, records: Frame.Section(count: records.count, bytes: bytes),
            blobs: Frame.Section(count: 0, bytes: 0), checkpoint: checkpoint
        ) { output in
            for record in records { EntryBundle.append(record[...], to: &output) }
        }
    }

    private var file: [UInt8] {
        UnsignedFrame.encode(frame([]), segment: "002.seg", offset: 8192, trailing: 4096)
    }

    @Test func `a frame is read back with its place, and signed as the log writes it`() throws {
        let read = try #require(UnsignedFrame(parsing: file + [1, 2, 3]))
        #expect(read.segment == "002.seg")
        #expect(read.offset == 8192)
        #expect(read.frame.header.first == 41)
        #expect(read.frame.header.end == 43)
        let checkpoint = [UInt8](repeating: 0x61, count: 300)
        let whole = frame(checkpoint)
        let zeros = [UInt8](repeating: 0, count: 4096)
        #expect(read.signed(checkpoint, room: 1 << 20) == whole + zeros)
        #expect(read.signed(checkpoint, room: whole.count) == whole)
        #expect(read.signed(checkpoint, room: whole.count - 1) == nil)
    }

    @Test func `a torn write is no frame`() {
        let file = file
        #expect(UnsignedFrame(parsing: []) == nil)
        for count in stride(from: 0, to: file.count, by: 101) {
            #expect(UnsignedFrame(parsing: Array(file.prefix(count))) == nil)
        }
        for place in stride(from: 0, to: 200, by: 3) {
            var torn = file
            torn[place] ^= 0x10
            #expect(UnsignedFrame(parsing: torn) == nil, "byte \(place)")
        }
    }

    @Test func `a frame with a checkpoint is none`() {
        let signed = UnsignedFrame.encode(
            frame([1]), segment: "002.seg", offset: 0, trailing: 0)
        #expect(UnsignedFrame(parsing: signed) == nil)
    }
}
