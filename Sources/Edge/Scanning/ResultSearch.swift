package import InterlockModel
package import InterlockPorts
package import InterlockSafety
import Synchronization

/// Searches the results of tools by the rules of the program and for the values of the broker. One result at a time, on
/// threads of its own; the rules are compiled for the first.
package final class ResultSearch: ResultInspector {
    /// Values of the broker, with bytes that change if they do.
    package typealias Values = (values: BrokeredValues, revision: [UInt8])
    /// Returns the values, or nil if they are still those of this revision. Nil stands for no revision.
    package typealias ChangedValues =
        @Sendable (_ known: [UInt8]?) throws(ScanFailure) -> Values?

    /// The most findings of a result that are replaced one by one; of more, all texts count as found.
    package static let mostFindings = 256

    private let hashing: any Hashing
    private let changedValues: ChangedValues
    private let executor: any TaskExecutor
    private let isFull: @Sendable () -> Bool
    private let state = Mutex<Loaded?>(nil)

    private struct Loaded {
        let scanner: SecretScanner
        var revision: [UInt8]
    }

    /// - Parameters:
    ///   - executor: the threads of the search, which may take a second for a text of 4 MiB.
    ///   - isFull: whether a further result would wait too long.
    ///   - values: looks whether the values of the broker changed; called for each result.
    package init(
        hashing: any Hashing, on executor: any TaskExecutor, isFull: @escaping @Sendable () -> Bool,
        values: @escaping ChangedValues
    ) {
        (self.hashing, changedValues) = (hashing, values)
        (self.executor, self.isFull) = (executor, isFull)
    }

    package func inspect(_ texts: [String]) async -> ResultInspection {
        guard !isFull() else { return .failed(.busy) }
        return await withTaskExecutorPreference(executor) { await search(texts) }
    }

    private func search(_ texts: [String]) async -> ResultInspection {
        let document = JoinedTexts(texts)
        do throws(ScanFailure) {
            let findings = try state.withLock { loaded throws(ScanFailure) in
                let scanner = try load(&loaded)
                scanner.begin()
                try scanner.take(document.bytes.span)
                return try scanner.finish()
            }
            return document.inspection(of: findings)
        } catch { return .failed(.scanner) }
    }

    /// Returns the scanner, with the values as they are now.
    private func load(_ loaded: inout Loaded?) throws(ScanFailure) -> SecretScanner {
        let changed = try changedValues(loaded?.revision)
        guard let (values, revision) = changed else {
            guard let known = loaded else {
                throw ScanFailure(.values, "the values of the broker were not read")
            }
            return known.scanner
        }
        if let known = loaded {
            known.scanner.replace(values, revision: revision)
            loaded?.revision = revision
            return known.scanner
        }
        let scanner = SecretScanner(
            try .builtIn(hashing: hashing), values: values, revision: revision, hashing: hashing,
            keeping: Self.mostFindings)
        loaded = Loaded(scanner: scanner, revision: revision)
        return scanner
    }
}
