package import InterlockModel
package import InterlockPorts
package import InterlockSafety
import Synchronization

/// Searches the results of tools by compiled rules and for the values of the broker: a small result at once, on the
/// thread of the caller; others one at a time, on threads of its own.
package final class ResultSearch: ResultInspector {
    /// Values of the broker, with bytes that change if they do.
    package typealias Values = (values: BrokeredValues, revision: [UInt8])
    /// Returns the values, or nil if they are still those of this revision. Nil stands for no revision.
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
    private let isFull: @Sendable () -> Bool
    /// The scanner of the threads of the search.
    private let own: ScannerSlot
    /// Scanners of threads that search at once, as many as there are such threads.
    private let small: [ScannerSlot]
    private let registered = Mutex<RegisteredValues?>(nil)
    private let isReading = Atomic(false)

    /// - Parameters:
    ///   - executor: the threads of the search, which may take a second for a text of 4 MiB.
    ///   - isFull: whether a further result would wait too long.
    ///   - callers: the number of threads that search small results themselves.
    ///   - values: looks whether the values of the broker changed; called on `executor` alone.
    package init(
        _ compiled: CompiledRules, hashing: any Hashing, on executor: any TaskExecutor,
        isFull: @escaping @Sendable () -> Bool, callers: Int = 0, values: @escaping ChangedValues
    ) {
        rules = compiled.set.digest
        (self.executor, self.isFull, changedValues) = (executor, isFull, values)
        own = ScannerSlot(compiled, hashing: hashing, blockBytes: Self.block)
        small = (0..<callers).map { _ in
            ScannerSlot(compiled, hashing: hashing, blockBytes: ResultSearch.mostAtOnce)
        }
    }

    package func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection? {
        guard bytes + texts.count <= Self.mostAtOnce,
            let values = registered.withLock({ $0 }), values.age < Self.longestAge
        else { return nil }
        let document = JoinedTexts(texts)
        for slot in small {
            if let inspection = slot.searchIfFree(document, for: values) { return inspection }
        }
        return nil
    }

    package func inspect(_ texts: [String]) async -> ResultInspection {
        guard !isFull() else { return .failed(.busy) }
        return await withTaskExecutorPreference(executor) { await search(texts) }
    }

    private func search(_ texts: [String]) async -> ResultInspection {
        guard let values = read() else { return .failed(.scanner) }
        return own.search(JoinedTexts(texts), for: values)
    }

    package func refresh() {
        guard !isReading.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Task(executorPreference: executor) {
            _ = self.read()
            self.isReading.store(false, ordering: .releasing)
        }
    }

    /// Reads the values, if they changed. Those that were read before stay if that fails, until they are too old.
    ///
    /// - Returns: nil if they cannot be read.
    private func read() -> RegisteredValues? {
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
