import InterlockModel
import Testing

@testable import InterlockTracing

/// The spans that wait for a collector, and what becomes of them.
struct SpanQueueTests {
    private static let now = BootTime(microseconds: 5_000_000)

    private func spans(_ count: Int, from first: Int = 1) throws -> [CallSpan] {
        try (first..<(first + count)).map { try SpanFixture.span(UInt8($0)) }
    }

    private func batch(_ queue: inout SpanQueue, at now: BootTime = Self.now) throws -> [CallSpan] {
        guard case .send(let spans) = queue.step(now: now) else { throw SpanFixture.Missing() }
        return spans
    }

    @Test func `what a collector takes is exported, but for what it rejects`() throws {
        var queue = SpanQueue()
        queue.add(try spans(3))
        let sent = try batch(&queue)
        #expect(sent.count == 3)
        queue.settle(.accepted(rejected: 1), now: Self.now, jitter: 0)
        #expect(queue.counts.exported == 2 && queue.counts.dropped == 1 && queue.count == 0)
        let step = queue.step(now: Self.now)
        #expect(step == .nothing)
    }

    @Test func `a collector cannot reject more than it was sent`() throws {
        var queue = SpanQueue()
        queue.add(try spans(2))
        _ = try batch(&queue)
        queue.settle(.accepted(rejected: .max), now: Self.now, jitter: 0)
        #expect(queue.counts.exported == 0 && queue.counts.dropped == 2)
    }

    @Test func `without room the oldest that wait are dropped and counted`() throws {
        var queue = SpanQueue(capacity: 4)
        queue.add(try spans(6))
        #expect(queue.count == 4 && queue.counts.dropped == 2)
        let sent = try batch(&queue)
        #expect(try sent == spans(4, from: 3))
    }

    @Test func `a batch that may be sent later keeps its order, and waits longer each time`() throws
    {
        var queue = SpanQueue()
        queue.add(try spans(2))
        var now = Self.now
        var pauses: [Int64] = []
        for _ in 1..<SpanQueue.attempts {
            let sent = try batch(&queue, at: now)
            #expect(try sent == spans(2))
            queue.settle(.later(after: nil, reason: "HTTP 503"), now: now, jitter: 0)
            guard case .wait(let until) = queue.step(now: now) else { throw SpanFixture.Missing() }
            pauses.append((until - now).microseconds)
            now = until
        }
        #expect(
            pauses == [500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000, 15_000_000, 15_000_000])
        _ = try batch(&queue, at: now)
        queue.settle(.later(after: nil, reason: "HTTP 503"), now: now, jitter: 0)
        #expect(queue.count == 0 && queue.counts.dropped == 2)
    }

    @Test func `the pause that a collector asks for is kept`() throws {
        var queue = SpanQueue()
        queue.add(try spans(1))
        _ = try batch(&queue)
        queue.settle(
            .later(after: .seconds(120), reason: "HTTP 429"), now: Self.now, jitter: 0)
        let step = queue.step(now: Self.now)
        #expect(step == .wait(until: Self.now + .seconds(120)))
    }

    @Test func `a refused batch is dropped, and the next one waits`() throws {
        var queue = SpanQueue()
        queue.add(try spans(1))
        _ = try batch(&queue)
        queue.settle(.refused(reason: "HTTP 500"), now: Self.now, jitter: 0)
        queue.add(try spans(1, from: 2))
        #expect(queue.counts.dropped == 1)
        let step = queue.step(now: Self.now)
        #expect(step == .wait(until: Self.now + .milliseconds(500)))
        let sent = try batch(&queue, at: Self.now + .seconds(1))
        #expect(try sent == spans(1, from: 2))
    }

    @Test func `a batch has a bound`() throws {
        var queue = SpanQueue()
        queue.add([CallSpan](repeating: try SpanFixture.span(), count: SpanQueue.largestBatch + 1))
        let sent = try batch(&queue)
        #expect(sent.count == SpanQueue.largestBatch)
        queue.settle(.accepted(rejected: 0), now: Self.now, jitter: 0)
        let rest = try batch(&queue)
        #expect(rest.count == 1)
    }
}
