import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench

/// Halts and releases in the control log.
@Suite struct OrderEntryWriterTests {
    private func lines(_ bench: Bench, _ count: Int) async -> [String] {
        _ = await eventually { bench.control.lines.count >= count }
        return bench.control.lines
    }

    @Test func `a halt and its release leave one entry each, with the signed order`() async throws {
        let bench = try Bench()
        let halt = try await bench.halt(.org).order.id
        #expect(await lines(bench, 1) == ["halt \(halt.text)"])
        try await bench.release(halt)
        let entries = bench.control.all
        #expect(entries.map(\.kind) == [.halt, .release])
        #expect(try HaltOrder(try #require(entries[0].order)).id == halt)
        #expect(try ReleaseOrder(try #require(entries[1].order)).halts == [halt])
        #expect(entries[1].order?.signatures.count == 2)
    }

    @Test func `the same order, taken twice, has one entry`() async throws {
        let bench = try Bench()
        let order = try People.all.halt(.org, by: "kim", number: 9, at: bench.clock.now.wall)
        for _ in 0..<3 { _ = try await bench.kill.halt(order, source: "cli") }
        let other = try await bench.halt(.org).order.id
        #expect(await lines(bench, 2).last == "halt \(other.text)")
        #expect(bench.control.lines.count == 2)
    }

    @Test(arguments: [false, true])
    func `a store that is down delays no halt, whose entry follows when it is back`(
        kept: Bool
    ) async throws {
        let bench = try Bench()
        bench.control.fail(kept: kept)
        let first = try await bench.halt(.org)
        #expect(first.isConfirmed)
        let second = try await bench.halt(.org)
        #expect(second.isConfirmed)
        #expect(bench.entries.waiting == 2)
        bench.control.mend()
        #expect(await eventually { bench.entries.waiting == 0 })
        #expect(
            bench.control.lines == [
                "halt \(first.order.id.text)", "halt \(second.order.id.text)",
            ])
    }

    @Test func `a release that the control log does not take is refused, and may be tried again`()
        async throws
    {
        let bench = try Bench()
        let halt = try await bench.halt(.org).order.id
        bench.control.fail()
        let epoch = bench.kill.epoch
        let first = try People.all.release([halt], after: epoch, by: "kim", number: 50)
        let second = try People.all.release([halt], after: epoch, by: "joe", number: 50)
        _ = try await bench.kill.propose(first)
        await #expect(throws: OrderRefusal.notRecorded("store")) {
            try await bench.kill.confirm(People.order(50), second)
        }
        #expect(!bench.gateway.halts.halts.isEmpty)
        #expect(!bench.orders.kept.contains(People.order(50)), "its file comes after its entry")
        bench.control.mend()
        try await bench.release(halt)
        #expect(bench.gateway.halts.halts.isEmpty)
        #expect(bench.control.lines.first == "halt \(halt.text)")
    }

    @Test func `halts that wait are appended before a release`() async throws {
        let log = MemoryControlLog()
        log.fail()
        let writer = OrderEntryWriter(log, retryAfter: .seconds(3600)) { _ in }
        let order = try People.all.halt(
            .org, by: "kim", number: 1, at: Timestamp(microseconds: 1_800_000_000_000_000))
        writer.add(.halt, People.order(1), order)
        writer.add(.halt, People.order(2), order)
        #expect(await eventually { writer.waiting == 2 })
        try? await Task.sleep(for: .milliseconds(20))
        log.mend()
        try await writer.append(.release, People.order(3), order)
        #expect(
            log.lines == [
                "halt \(People.order(1).text)", "halt \(People.order(2).text)",
                "release \(People.order(3).text)",
            ])
        #expect(writer.waiting == 0)
    }
}
