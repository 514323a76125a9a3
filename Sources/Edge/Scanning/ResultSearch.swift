package import InterlockModel
package import InterlockPorts
package import InterlockSafety

/// Searches the results of tools by compiled rules and for the values of the broker: a small result at once, on the
/// thread of the caller; others in parts on a thread of its own, at which agents take turns.
package final class ResultSearch: ResultInspector {
    /// The most findings of a result that are replaced one by one; of more, all texts count as found.
    package static let mostFindings = 256
    /// The most bytes of a result that is searched at once, which takes tens of microseconds.
    package static let mostAtOnce = 64 << 10

    package var rules: Digest { holder.rules.set.digest }
    package var rulesText: String { holder.rules.digestText }
    private let holder: RuleHolder
    private let values: BrokerValueReader
    private let queue: SearchQueue
    /// The scanners of the thread of the search.
    private let own: SpareSlot
    /// Scanners of threads that search at once, as many as there are such threads.
    private let small: [ScannerSlot]

    /// Searches by rules that are never replaced.
    package convenience init(
        _ compiled: CompiledRules, for values: BrokerValueReader, hashing: any Hashing,
        on executor: any TaskExecutor, most: Int, callers: Int = 0
    ) {
        self.init(
            RuleHolder(compiled), for: values, hashing: hashing, on: executor, most: most,
            callers: callers)
    }

    /// - Parameters:
    ///   - values: those of the broker; other searches may have the same reader.
    ///   - executor: the thread of the search, which may take a second for a text of 4 MiB.
    ///   - most: the most results of one agent that wait for a turn there; a further one is `busy`.
    ///   - callers: the number of threads that search small results themselves.
    package init(
        _ holder: RuleHolder, for values: BrokerValueReader, hashing: any Hashing,
        on executor: any TaskExecutor, most: Int, callers: Int = 0
    ) {
        self.holder = holder
        self.values = values
        queue = SearchQueue(on: executor, most: most)
        own = SpareSlot {
            ScannerSlot(
                holder, hashing: hashing, blockBytes: PartedSearch.partBytes, budget: .full)
        }
        small = (0..<callers).map { _ in
            ScannerSlot(
                holder, hashing: hashing, blockBytes: ResultSearch.mostAtOnce, budget: .small)
        }
    }

    /// The number of results that wait for a turn at the thread.
    var waiting: Int { queue.count }

    package var generation: UInt64 { values.generation &+ holder.revision }

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

    package func inspect(_ texts: [String], for agent: AgentName) async -> ResultInspection {
        let search = PartedSearch(texts, for: values, by: own)
        return await queue.inspection(for: agent) { search.next() }
    }

    package func parts(in texts: [String]) -> [ValuePart]? {
        guard let stretches = values.recent?.values.stretches else { return nil }
        guard !stretches.isEmpty else { return [] }
        let bytes = JoinedTexts(texts).bytes
        return stretches.parts(in: bytes.span)
    }

    package func refresh() { values.refresh() }
}
