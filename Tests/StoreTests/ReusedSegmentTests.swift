import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

/// A segment that is written for the second time: frames of its first use follow its newest frame.
@Suite struct ReusedSegmentTests {
    private struct Prepared {
        let test: TestLog
        /// The segment of the newest frame, which only its caller knows of.
        let path: String
        let start: Int
        let frame: [UInt8]
        let frames: Int
        /// The bytes of the segment's earlier use.
        let earlier: [UInt8]
    }

    /// The state that a killed process leaves: `frames` small frames in a reused segment.
    private func prepared(frames: Int) async throws -> Prepared {
        // Publication stops once a segment is ready to be reused.
        let holds = Atomic(false)
        let test = try TestLog {
            $0.cosign = { note in
                while holds.load(ordering: .acquiring) { usleep(1000) }
                return note
            }
        }
        try test.create()
        let log = try test.open()
        var earlier: [UInt8] = []
        while log.state.withLock({ $0.current.use }) == Segment.firstUse {
            if let next = log.state.withLock({ $0.spare }), next.use == 2 {
                holds.store(true, ordering: .releasing)
                earlier = try next.segment.file.read(at: 0, count: next.segment.capacity)
            }
            do {
                _ = try await log.append(try Draft.intent(payload: 60_000))
            } catch let refusal as LedgerRefusal where refusal.code == "audit.busy" {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let before = log.state.withLock { $0.current.segment }
        for run in 1..<frames { _ = try await log.append(try Draft.intent(run)) }
        let copy = try test.copy()
        holds.store(false, ordering: .releasing)
        log.close()
        var cursor = FrameCursor(before)
        var last = (start: 0, frame: [UInt8](), count: 0)
        let file = try FileDescriptor("\(copy.configuration.wal)/\(before.name)", O_RDONLY)
        while last.count < frames, case .frame(let frame) = try cursor.peek() {
            let start = cursor.offset
            cursor.advance()
            last = (
                start, try file.read(at: start, count: frame.header.paddedSize), last.count + 1
            )
        }
        #expect(last.count == frames)
        return Prepared(
            test: copy, path: "wal/\(before.name)", start: last.start, frame: last.frame,
            frames: frames, earlier: earlier)
    }

    @Test func `frames of an earlier use are not there, for writer and readers`() async throws {
        let log = try await prepared(frames: 4)
        let test = log.test
        let size = try test.reader.size()
        try test.open().close()
        let recovered = try test.reader.show("\(size)").first?.record
        #expect(recovered?.type == "log.recovered" && recovered?["cut"] == nil)
        try test.checkWhole()
    }

    @Test(arguments: [1, 3])
    func `the newest frame, cut off or zeroed from any byte on, is cut`(frames: Int) async throws {
        let log = try await prepared(frames: frames)
        let size = try log.test.reader.size()
        let meaningful = (log.frame.lastIndex { $0 != 0 } ?? 0) + 1
        for keep in Swift.stride(from: 1, to: meaningful, by: 149) {
            let test = try log.test.copy()
            let file = try FileDescriptor("\(test.configuration.directory)/\(log.path)", O_RDWR)
            try file.write(
                [UInt8](repeating: 0, count: log.frame.count - keep), at: log.start + keep)
            try test.open().close()
            let recovered = try test.reader.entry(at: size - 1)?.record
            #expect(recovered?.type == "log.recovered", "\(keep)")
            #expect(recovered?["cut"]?["off"]?.integer == Int64(log.start), "\(keep)")
            try test.checkWhole()
        }
    }

    /// The first frame of a use is torn, and frames of the use before it remain at the beginning of the segment.
    @Test func `a first frame of which any part was not written is cut`() async throws {
        let log = try await prepared(frames: 1)
        let size = try log.test.reader.size()
        let sectors = log.frame.count / 512
        #expect(sectors > 100 && log.start == 0)
        var random = SeededGenerator.announced()
        var written = (1..<sectors).map { first in Set(first..<sectors) }
        written += (1..<sectors).map { [$0] }
        written += (1..<sectors).map { _ in
            Set((1..<sectors).filter { _ in Bool.random(using: &random) })
        }
        for (number, written) in written.enumerated() where number % 7 == 0 {
            let test = try log.test.copy()
            var bytes = Array(log.earlier[..<log.frame.count])
            for sector in written {
                let range = sector * 512..<(sector + 1) * 512
                bytes.replaceSubrange(range, with: log.frame[range])
            }
            let file = try FileDescriptor("\(test.configuration.directory)/\(log.path)", O_RDWR)
            try file.write(bytes, at: 0)
            #expect(try test.verify().faults == [], "\(written)")
            try test.open().close()
            let recovered = try test.reader.entry(at: size - 1)?.record
            #expect(recovered?.type == "log.recovered", "\(written)")
            let open = try test.open()
            _ = try await open.append(try Draft.intent(3))
            open.close()
            try test.checkWhole()
        }
    }

    @Test func `a bit flipped in an earlier frame refuses the start and changes nothing`()
        async throws
    {
        let log = try await prepared(frames: 4)
        let path = "\(log.test.configuration.directory)/\(log.path)"
        for place in Swift.stride(from: 0, to: log.start, by: 997) {
            try edit(path, at: place)
            #expect(throws: LedgerFailure(.damaged, ""), "\(place)") { try log.test.open() }
            try edit(path, at: place)
        }
        try log.test.open().close()
        try log.test.checkWhole()
    }
}
