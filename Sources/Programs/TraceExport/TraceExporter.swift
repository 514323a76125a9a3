import InterlockCommandLine
package import InterlockConfiguration
package import InterlockCredentials
package import InterlockGovernor
package import InterlockModel
import InterlockPorts
package import InterlockStore
import InterlockTracing
package import InterlockTransport
import Synchronization

/// Sends a span of each call to the configured collector, from the records of the log. No call waits for it: the
/// log is read on a thread of its own after its records are durable, and what a collector does not take in time is
/// dropped and counted.
///
/// INVARIANT: a collector that is down, slow or hostile changes no call. Kept by `SpanQueueTests`, `test_traces.py`.
package actor TraceExporter {
    package struct Setup: Sendable {
        package let settings: CollectorSettings
        package let reader: LedgerReader
        /// The number of durable records.
        package let durable: @Sendable () -> UInt64
        package let fetcher: DocumentFetcher
        package let secrets: SecretProvider
        package let counters: Counters
        /// The name of the log.
        package let origin: String

        package init(
            settings: CollectorSettings, reader: LedgerReader,
            durable: @escaping @Sendable () -> UInt64, fetcher: DocumentFetcher,
            secrets: SecretProvider, counters: Counters, origin: String
        ) {
            self.settings = settings
            self.reader = reader
            self.durable = durable
            self.fetcher = fetcher
            self.secrets = secrets
            self.counters = counters
            self.origin = origin
        }
    }

    private let tail: LogTail
    private let collector: TraceCollector
    private let counters: Counters
    private let clock: any Clock
    private let entropy: any Entropy
    private var assembler = CallSpanAssembler()
    private var queue = SpanQueue()
    private var position: UInt64
    private var nap: Task<Void, Never>?
    private var tasks: [Task<Void, Never>] = []
    private var isStopped = false
    private var isReading = true
    private var isSending = true

    private static let round: Duration = .seconds(1)
    private static let longestNap: Duration = .seconds(30)

    /// Spans are made of the calls that are recorded from now on.
    package init(_ setup: Setup, clock: any Clock, entropy: any Entropy) {
        tail = LogTail(
            reader: setup.reader.remembering, durable: setup.durable,
            thread: JobThread("traces", limit: 1, yields: true))
        collector = TraceCollector(
            settings: setup.settings, fetcher: setup.fetcher, secrets: setup.secrets,
            origin: setup.origin, program: Product.version)
        counters = setup.counters
        position = setup.durable()
        self.clock = clock
        self.entropy = entropy
    }

    package func start() {
        guard tasks.isEmpty, !isStopped else { return }
        tasks = [Task { await self.follow() }, Task { await self.deliver() }]
    }

    /// Spans that wait are lost.
    package func stop() {
        isStopped = true
        nap?.cancel()
        for task in tasks { task.cancel() }
        tail.thread.close()
    }

    // MARK: From the log into the queue

    private func follow() async {
        while !isStopped {
            let isAll = await readOnce()
            if isAll { try? await Task.sleep(for: Self.round) }
        }
    }

    /// - Returns: false if the log may have more that can be read at once.
    private func readOnce() async -> Bool {
        do throws(StoreFailure) {
            let portion = try await tail.read(from: position)
            position = portion.next
            take(portion)
            isReading = true
            return portion.records.count < LogTail.most
        } catch {
            if isReading, !isStopped {
                log("traces: the log cannot be read: \(error.reason)", .warning, part: "traces")
            }
            isReading = false
            return true
        }
    }

    private func take(_ portion: LogTail.Portion) {
        guard !portion.records.isEmpty else { return }
        var spans: [CallSpan] = []
        var lost = 0
        for (record, hash) in portion.records {
            switch assembler.take(record, hash: hash) {
            case .nothing: break
            case .span(let span): spans.append(span)
            case .lost: lost += 1
            }
        }
        queue.add(spans)
        queue.lose(lost)
        publish()
        if !spans.isEmpty { nap?.cancel() }
    }

    // MARK: From the queue to the collector

    private func deliver() async {
        while !isStopped {
            switch queue.step(now: clock.boot) {
            case .send(let spans):
                let response = await collector.send(spans)
                queue.settle(response, now: clock.boot, jitter: jitter())
                publish()
                note(response)
            case .wait(let until): await rest(min(until - clock.boot, Self.longestNap))
            case .nothing: await rest(Self.longestNap)
            }
        }
    }

    private func rest(_ time: Duration) async {
        let nap = Task { _ = try? await Task.sleep(for: time) }
        self.nap = nap
        await nap.value
        self.nap = nil
    }

    private func jitter() -> UInt64 {
        entropy.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func publish() {
        counters.spansExported.store(queue.counts.exported, ordering: .relaxed)
        counters.spansDropped.store(queue.counts.dropped, ordering: .relaxed)
    }

    /// Says in the program's log when sending begins to fail, and when it succeeds again.
    private func note(_ response: CollectorResponse) {
        switch response {
        case .accepted(let rejected):
            if !isSending { log("the collector takes traces again", part: "traces") }
            isSending = true
            if rejected > 0 {
                log("the collector rejected \(rejected) spans", .warning, part: "traces")
            }
        case .later(_, let reason), .refused(let reason):
            if isSending, !isStopped {
                log("the collector took no traces: \(reason)", .warning, part: "traces")
            }
            isSending = false
        }
    }
}
