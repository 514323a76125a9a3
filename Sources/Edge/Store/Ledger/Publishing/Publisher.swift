import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// Publishes the durable records, when the housekeeper asks for it or a segment is full. Runs on a dedicated thread,
/// since it waits for many flushes.
///
/// INVARIANT: published files are those that the records alone make; tiles need no history to go on. Kept by
/// `PublisherTests`, `HeadsTests`.
final class Publisher: Sendable {
    private let log: WriteAheadLog
    private let wakeup = Wakeup()
    private let stopping = Atomic(false)
    private let due = Atomic(false)
    private let state: Mutex<State>

    private struct State: Sendable {
        var publication: Publication
        var heads: PublishedHeads
        var isFailing = false
    }

    /// The interval in milliseconds at which the heads follow the durable log, so that little accumulates in memory.
    private static let round: Int32 = 200

    init(_ log: WriteAheadLog, _ publication: Publication, _ heads: PublishedHeads) {
        self.log = log
        state = Mutex(State(publication: publication, heads: heads))
    }

    func run() {
        while !stopping.load(ordering: .acquiring) {
            wakeup.wait(milliseconds: Self.round)
            if due.exchange(false, ordering: .acquiringAndReleasing) {
                publish()
            } else {
                state.withLock { _ = follow(&$0) }
            }
        }
    }

    /// Requests a publication soon. Never blocks.
    func hurry() {
        due.store(true, ordering: .releasing)
        wakeup.signal()
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
    }

    /// Publishes everything that is durable now. A failure is retried at the next beat: until then the segments keep
    /// their frames.
    /// - Parameter last: true if the log is being closed, so that the next start finds current heads.
    func publish(last: Bool = false) {
        state.withLock { state in
            do {
                try publish(&state, last: last)
                state.isFailing = false
            } catch {
                if let error = error as? SystemError, error.isFatal {
                    log.configuration.onFatal(error.description)
                }
                guard !state.isFailing else { return }
                state.isFailing = true
                log.configuration.warn("the log could not be published: \(error)")
                log.note(
                    RecordDraft(.alarmRaised, run: nil, fields: ["code": "audit.publish"]))
            }
        }
    }

    private func publish(_ state: inout State, last: Bool) throws {
        log.configuration.publishing(true)
        defer { log.configuration.publishing(false) }
        let (end, places) = follow(&state)
        while state.publication.size < end {
            var next = state.publication
            try next.advance(to: end, places, log.packs)
            state.publication = next
            log.state.withLock { $0.published = next.size }
        }
        let now = log.tools.clock.boot
        log.state.withLock { $0.publishedAt = now }
        try state.heads.write(
            published: state.publication.size, root: state.publication.root, always: last)
    }

    /// - Returns: the size of the durable log, and the segments with its frames.
    private func follow(_ state: inout State) -> (UInt64, [SegmentPosition]) {
        let (records, end, places) = log.state.withLock { shared in
            defer { shared.recent.removeAll(keepingCapacity: true) }
            return (shared.recent, shared.size, shared.places)
        }
        state.heads.follow(records, to: end)
        state.publication.follow(records)
        return (end, places)
    }
}
