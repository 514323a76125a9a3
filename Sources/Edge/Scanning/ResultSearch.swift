package import InterlockModel
package import InterlockPorts
import InterlockSafety

/// Searches the results of tools by compiled rules and for the values of the broker: a small result at once, on the
/// thread of the caller; others one at a time, on threads of its own.
package final class ResultSearch: ResultInspector {
    /// The most findings of a result that are replaced one by one; of more, all texts count as found.
    package static let mostFindings = 256
    /// The most bytes of a result that is searched at once, which takes tens of microseconds.
    package static let mostAtOnce = 64 << 10

    private static let block = 1 << 20

    package let rules: Digest
    private let values: BrokerValueReader
    private let executor: any TaskExecutor
    private let isFull: @Sendable () -> Bool
    /// The scanner of the threads of the search.
    private let own: ScannerSlot
    /// Scanners of threads that search at once, as many as there are such threads.
    private let small: [ScannerSlot]

    /// - Parameters:
    ///   - values: those of the broker; other searches may have the same reader.
    ///   - executor: the threads of the search, which may take a second for a text of 4 MiB.
    ///   - isFull: returns true if a further result would wait too long.
    ///   - callers: the number of threads that search small results themselves.
    package init(
        _ compiled: CompiledRules, for values: BrokerValueReader, hashing: any Hashing,
        on executor: any TaskExecutor, isFull: @escaping @Sendable () -> Bool, callers: Int = 0
    ) {
        rules = compiled.set.digest
        (self.values, self.executor, self.isFull) = (values, executor, isFull)
        own = ScannerSlot(compiled, hashing: hashing, blockBytes: Self.block, budget: .full)
        small = (0..<callers).map { _ in
            ScannerSlot(
                compiled, hashing: hashing, blockBytes: ResultSearch.mostAtOnce, budget: .small)
        }
    }

    package var generation: UInt64 { values.generation }

    package func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection? {
        guard bytes + texts.count <= Self.mostAtOnce, let values = values.recent else { return nil }
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
        guard let values = values.read() else { return .failed(.scanner) }
        return own.search(JoinedTexts(texts), for: values)
    }

    package func refresh() { values.refresh() }
}
