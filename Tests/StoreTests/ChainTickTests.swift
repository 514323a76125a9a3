import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

/// `log.tick` of a node of a cluster (docs/specs/cluster.md, section 7).
@Suite struct ChainTickTests {
    private static func entry(_ number: Int64) -> ChainReference {
        ChainReference(number: number, digest: Digest(words: (UInt64(number), 2, 3, 4)))
    }

    private func entries(of test: TestLog) throws -> [JSONValue?] {
        var ticks: [JSONValue?] = []
        try test.reader.scan {
            if let record = $0.record, record.type == RecordType.logTick.rawValue {
                ticks.append(record["ctl"])
            }
            return true
        }
        return ticks
    }

    @Test(.requirement("R071"))
    func `each tick names the newest entry of its moment, and the log verifies`() async throws {
        let head = Atomic<Int64>(4)
        let test = try TestLog {
            $0.beat = .milliseconds(20)
            $0.chainHead = { Self.entry(head.add(1, ordering: .relaxed).newValue) }
        }
        try test.create()
        let log = try test.open()
        _ = await eventually { head.load(ordering: .relaxed) >= 7 }
        log.close()
        let ticks = try entries(of: test)
        #expect(ticks.count >= 2)
        #expect(
            ticks == (0..<ticks.count).map { Self.entry(5 + Int64($0)).json },
            "one entry each, in order")
        #expect(try test.verify().faults == [])
    }

    @Test func `a tick of one node names none`() async throws {
        let test = try TestLog { $0.beat = .milliseconds(20) }
        try test.create()
        let log = try test.open()
        _ = try await eventually { try !entries(of: test).isEmpty }
        log.close()
        let ticks = try entries(of: test)
        #expect(!ticks.isEmpty && ticks.allSatisfy { $0 == nil })
    }
}
