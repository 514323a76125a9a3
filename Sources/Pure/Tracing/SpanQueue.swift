package import InterlockModel

/// The spans that wait for the collector. A value type: time and jitter are arguments, the next step is the result.
///
/// INVARIANT: no more than `capacity` spans are held, and each span is counted once: as exported or as dropped. Kept by
/// `SpanQueueTests`.
package struct SpanQueue: Sendable {
    package enum Step: Sendable, Equatable {
        /// The batch is to be sent, and the result given to `settle` before the next step.
        case send([CallSpan])
        case wait(until: BootTime)
        case nothing
    }

    package struct Counts: Sendable, Equatable {
        package internal(set) var exported = 0
        package internal(set) var dropped = 0
    }

    package static let most = 10_000
    package static let largestBatch = 512
    /// The attempts to send one batch.
    static let attempts = 8
    private static let longestPauseSeconds = 30

    package private(set) var counts = Counts()
    private let capacity: Int
    /// Oldest first.
    private var waiting: [CallSpan] = []
    /// The batch that is being sent, or will be sent again.
    private var batch: [CallSpan] = []
    private var tries = 0
    /// Failures since the last success, over all batches.
    private var failures = 0
    private var next: BootTime?

    package init(capacity: Int = Self.most) { self.capacity = capacity }

    package var count: Int { waiting.count + batch.count }

    /// Adds spans, oldest first. Without room for all, the oldest that wait are dropped.
    package mutating func add(_ spans: [CallSpan]) {
        waiting += spans
        let surplus = min(count - capacity, waiting.count)
        guard surplus > 0 else { return }
        waiting.removeFirst(surplus)
        counts.dropped += surplus
    }

    /// Counts spans that could not be made.
    package mutating func lose(_ count: Int) { counts.dropped += count }

    package mutating func step(now: BootTime) -> Step {
        if batch.isEmpty {
            guard !waiting.isEmpty else { return .nothing }
            batch = Array(waiting.prefix(Self.largestBatch))
            waiting.removeFirst(batch.count)
            tries = 0
        }
        guard let next, now < next else { return .send(batch) }
        return .wait(until: next)
    }

    /// - Parameter jitter: any number; a pause is between half of its step and the whole step.
    package mutating func settle(_ response: CollectorResponse, now: BootTime, jitter: UInt64) {
        switch response {
        case .accepted(let rejected):
            let lost = min(rejected, batch.count)
            counts.exported += batch.count - lost
            counts.dropped += lost
            batch = []
            failures = 0
            next = nil
        case .refused:
            pause(nil, now, jitter)
            dropBatch()
        case .later(let after, _):
            tries += 1
            pause(after, now, jitter)
            if tries >= Self.attempts { dropBatch() }
        }
    }

    private mutating func dropBatch() {
        counts.dropped += batch.count
        batch = []
    }

    private mutating func pause(_ asked: Duration?, _ now: BootTime, _ jitter: UInt64) {
        failures = min(failures + 1, 10)
        let step = min(1 << (failures - 1), Self.longestPauseSeconds) * 1_000_000
        let half = Int64(step / 2)
        let own = Duration.microseconds(half + Int64(jitter % UInt64(half + 1)))
        next = now + max(own, asked ?? .zero)
    }
}
