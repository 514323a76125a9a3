import InterlockModel
import Testing

@testable import InterlockCommandLine

@Suite struct ProgressTests {
    private func line(of total: UInt64?) -> ProgressLine {
        ProgressLine("records read", of: total, since: BootTime(microseconds: 5_000_000))
    }
    private func time(_ milliseconds: Int64) -> BootTime {
        BootTime(microseconds: 5_000_000 + milliseconds * 1000)
    }

    @Test func `work of a second or less says nothing, and erases nothing`() {
        var line = line(of: 10)
        line.done = 9
        #expect(line.next(at: time(0)) == nil)
        #expect(line.next(at: time(1000)) == nil)
        #expect(line.erased() == nil)
    }

    @Test func `longer work says its count and share, four times a second at most`() {
        var line = line(of: 1000)
        var written: [Int64] = []
        for now in stride(from: Int64(0), to: 3000, by: 10) {
            line.done += 1
            if line.next(at: time(now)) != nil { written.append(now) }
        }
        #expect(written.first == 1010 && (7...8).contains(written.count), "\(written)")
        #expect(zip(written, written.dropFirst()).allSatisfy { $1 - $0 > 250 })
        line.done = 999
        #expect(line.next(at: time(9000)) == "\rrecords read: 999 of 1000, 99 %")
        line.done = 1000
        #expect(line.next(at: time(9999)) == "\rrecords read: 1000 of 1000, 100 %")
    }

    @Test func `a shorter text covers the one before, and the end leaves an empty line`() {
        var line = line(of: 100)
        line.done = 100
        #expect(line.next(at: time(2000)) == "\rrecords read: 100 of 100, 100 %")
        // More than was expected: the share would be wrong.
        line.done = 101
        #expect(line.next(at: time(3000)) == "\rrecords read: 101              ")
        #expect(line.erased() == "\r" + String(repeating: " ", count: 17) + "\r")
        line.done = 102
        #expect(line.next(at: time(9000)) == nil && line.erased() == nil)
    }

    @Test func `without a known end there is a count alone`() {
        var line = line(of: nil)
        line.done = 7
        #expect(line.next(at: time(2000)) == "\rrecords read: 7")
        var empty = self.line(of: 0)
        #expect(empty.next(at: time(2000)) == "\rrecords read: 0")
    }
}
