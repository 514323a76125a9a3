import InterlockModel
import InterlockPorts
import InterlockSafety
import Synchronization

/// One scanner with its scratch, which one thread uses at a time. It is made for the first search.
final class ScannerSlot: Sendable {
    private struct Loaded {
        let scanner: SecretScanner
        var registered: RegisteredValues
    }

    private let compiled: CompiledRules
    private let hashing: any Hashing
    private let blockBytes: Int
    private let budget: RuleMatcher.Budget
    private let state = Mutex<Loaded?>(nil)

    /// The end of a search that waits for nothing.
    enum QuickSearch: Sendable {
        case ended(ResultInspection)
        /// Another thread searches here.
        case inUse
        /// The texts need more work than the budget.
        case tooCostly
    }

    /// The bytes after which a search looks whether its task is cancelled.
    private static let step = 1 << 20

    /// - Parameters:
    ///   - blockBytes: the bytes that are searched at a time, which decide the memory of the scanner.
    ///   - budget: the work for so many bytes.
    init(
        _ compiled: CompiledRules, hashing: any Hashing, blockBytes: Int,
        budget: RuleMatcher.Budget
    ) {
        (self.compiled, self.hashing, self.blockBytes) = (compiled, hashing, blockBytes)
        self.budget = budget
    }

    /// Waits for a search that is under way here.
    ///
    /// - Returns: `late` if the task of the caller is cancelled meanwhile.
    func search(_ document: JoinedTexts, for values: RegisteredValues) -> ResultInspection {
        switch state.withLock({ loaded in result(document, values, &loaded) }) {
        case .success(let inspection): inspection
        case .failure: .failed(.scanner)
        }
    }

    func searchIfFree(_ document: JoinedTexts, for values: RegisteredValues) -> QuickSearch {
        switch state.withLockIfAvailable({ loaded in result(document, values, &loaded) }) {
        case nil: .inUse
        case .success(let inspection)?: .ended(inspection)
        case .failure(let failure)?:
            failure.code == .budget ? .tooCostly : .ended(.failed(.scanner))
        }
    }

    private func result(
        _ document: JoinedTexts, _ values: RegisteredValues, _ loaded: inout Loaded?
    ) -> Result<ResultInspection, ScanFailure> {
        do throws(ScanFailure) {
            let scanner = try load(values, &loaded)
            scanner.begin()
            let bytes = document.bytes
            for start in stride(from: 0, to: bytes.count, by: Self.step) {
                // No caller waits for the rest, which would make other results late.
                if start > 0, Task.isCancelled { return .success(.failed(.late)) }
                try scanner.take(
                    bytes.span.extracting(start..<min(start + Self.step, bytes.count)))
            }
            return .success(document.inspection(of: try scanner.finish()))
        } catch { return .failure(error) }
    }

    private func load(
        _ values: RegisteredValues, _ loaded: inout Loaded?
    ) throws(ScanFailure) -> SecretScanner {
        if let known = loaded {
            if known.registered !== values {
                if known.registered.revision != values.revision {
                    known.scanner.replace(values.values, revision: values.revision)
                }
                loaded?.registered = values
            }
            return known.scanner
        }
        let scanner = try SecretScanner(
            compiled, values: values.values, revision: values.revision, hashing: hashing,
            keeping: ResultSearch.mostFindings, blockBytes: blockBytes, budget: budget)
        loaded = Loaded(scanner: scanner, registered: values)
        return scanner
    }
}
