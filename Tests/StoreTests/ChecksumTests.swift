import InterlockLedger
import InterlockTesting
import Testing

@testable import InterlockStore

@Suite struct ChecksumTests {
    @Test func `the processor's checksum is the table's, at every length and place`() {
        var random = SeededGenerator.announced()
        let bytes = (0..<5100).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Three strands of 512 bytes are combined at a time.
        for length in Array(0...1024) + Array(1500...1580) + Array(3060...3090) + Array(4600...5000)
        {
            let part = bytes.span.extracting(length % 13..<length % 13 + length)
            #expect(CRC32C.fastest(part) == CRC32C.checksum(part), "\(length) bytes")
        }
    }
}
