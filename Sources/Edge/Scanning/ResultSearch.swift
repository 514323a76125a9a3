package import InterlockModel
package import InterlockPorts
package import InterlockSafety
import Synchronization

/// Searches the results of tools by compiled rules and for the values of the broker: a small result at once, on the
/// thread of the caller; others one at a time, on threads of its own.
package final class ResultSearch: ResultInspector {
    /// Values of the broker, with bytes that change if they do.
    package typealias Values = (values: BrokeredValues, revision: [UInt8])
    /// Returns the values of the broker if they changed: their revision is another one than `known`, which is nil before
    /// the first read.
    package typealias ChangedValues =
        @Sendable (_ known: [UInt8]?) throws(ScanFailure) -> Values?

    /// The most findings of a result that are replaced one by one; of more, all texts count as found.
    package static let mostFindings = 256
    /// The most bytes of a result that is searched at once, which takes tens of microseconds.
    package static let mostAtOnce = 64 << 10
    /// The longest time for which values that were read are used at once. They are read again every second.
    package static let longestAge = Duration.seconds(10)

    private static let block = 1 << 20

    package let rules: Digest
    private let changedValues: ChangedValues
    private let executor: any TaskExecutor
    private let reader: any TaskExecutor
    private let isFull: @Sendable () -> Bool
    private let longestAge: Duration
    /// The scanner of the threads of the search.
    private let own: ScannerSlot
    /// Scanners of threads that search at once, as many as there are such threads.
    private let small: [ScannerSlot]
    private let registered = Mutex<RegisteredValues?>(nil)
    /// Held while the values are read: a search and `refresh` may do so at once, and the later read must win.
    private let reading = Mutex(())
    private let isReading = Atomic(false)

    /// - Parameters:
    ///   - executor: the threads of the search, which may take a second for a text of 4 MiB.
    ///   - isFull: returns true if a further result would wait too long.
    ///   - reader: a thread for `refresh`, which must not wait for searches.
    ///   - callers: the number of threads that search small results themselves.
    ///   - longestAge: another than `Self.longestAge` for tests alone.
    ///   - values: returns the values of the broker if they changed; called on `executor` and `reader`, one call at a
    ///     time.
    package init(
        _ compiled: CompiledRules, hashing: any Hashing, on executor: any TaskExecutor,
        isFull: @escaping @Sendable () -> Bool, readingOn reader: any TaskExecutor,
        callers: Int = 0, longestAge: Duration = ResultSearch.longestAge,
        values: @escaping ChangedValues
    ) {
        rules = compiled.set.digest
        (self.executor, self.isFull, changedValues) = (executor, isFull, values)
        (self.reader, self.longestAge) = (reader, longestAge)
        own = ScannerSlot(compiled, hashing: hashing, blockBytes: Self.block, budget: .full)
        small = (0..<callers).map { _ in
            ScannerSlot(
                compiled, hashing: hashing, blockBytes: ResultSearch.mostAtOnce, budget: .small)
        }
    }

    package func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection? {
        guard bytes + texts.count <= Self.mostAtOnce,
            let values = registered.withLock({ $0 }), values.age < longestAge
        else { return nil }
        let document = JoinedTexts(texts)
        for slot in small {
            switch slot.searchIfFree(document, for: values) {
            case .ended(let inspection): return inspection
            case .inUse: continue
            // The thread of the search has the full budget, and blocks no calls.
            case .tooCostly: return nil
            }
        }
        return nil
    }

    package func inspect(_ texts: [String]) async -> ResultInspection {
        guard !isFull() else { return .failed(.busy) }
        return await withTaskExecutorPreference(executor) { await search(texts) }
    }

    private func search(_ texts: [String]) async -> ResultInspection {
        guard !Task.isCancelled else { return .failed(.late) }
        guard let values = read() else { return .failed(.scanner) }
        return own.search(JoinedTexts(texts), for: values)
    }

    package func refresh() {
        guard !isReading.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Task(executorPreference: reader) {
            _ = self.read()
            self.isReading.store(false, ordering: .releasing)
        }
    }

    /// Reads the values, if they changed. Those that were read before stay if that fails, until they are too old.
    ///
    /// - Returns: nil if they cannot be read.
    private func read() -> RegisteredValues? { reading.withLock { _ in readAlone() } }

    private func readAlone() -> RegisteredValues? {
        let readAt = ContinuousClock.now
        let known = registered.withLock { $0 }
        do throws(ScanFailure) {
            let read: RegisteredValues
            if let (values, revision) = try changedValues(known?.revision) {
                read = RegisteredValues(values, revision: revision, readAt: readAt)
            } else if let known {
                read = RegisteredValues(known.values, revision: known.revision, readAt: readAt)
            } else {
                return nil
            }
            registered.withLock { $0 = read }
            return read
        } catch { return nil }
    }
}
