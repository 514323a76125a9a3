import InterlockModel
import InterlockPorts
import InterlockSafety
import Synchronization

/// One scanner with its scratch, which one thread uses at a time. It is made for the first search. A slot is for searches
/// at once or for those in parts.
final class ScannerSlot: Sendable {
    private struct Loaded {
        let scanner: SecretScanner
        /// The rules of the scanner.
        let compiled: CompiledRules
        let inflater = ZlibInflater()
        var registered: RegisteredValues
    }

    private let holder: RuleHolder
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

    /// - Parameters:
    ///   - blockBytes: the bytes that are searched at a time, which decide the memory of the scanner.
    ///   - budget: the work for so many bytes.
    init(
        _ holder: RuleHolder, hashing: any Hashing, blockBytes: Int, budget: RuleMatcher.Budget
    ) {
        (self.holder, self.hashing, self.blockBytes) = (holder, hashing, blockBytes)
        self.budget = budget
    }

    /// The state of a search in parts.
    enum PartSearch: Sendable {
        case more
        /// The last part was searched.
        case ended(SecretFindings)
        case failed
    }

    /// Searches the next part of a document. One search has the slot from its first part to its last.
    ///
    /// - Parameters:
    ///   - part: the bytes that follow those of the part before.
    ///   - isLast: true if the document has no bytes behind the part.
    func search(
        _ part: Range<Int>, of document: JoinedTexts, isLast: Bool, for values: RegisteredValues
    ) -> PartSearch {
        let result = state.withLock { loaded in
            self.result(part, of: document, isLast, values, &loaded)
        }
        switch result {
        case .success(let findings): return findings.map(PartSearch.ended) ?? .more
        case .failure: return .failed
        }
    }

    /// Searches the next window of the views of a document, after its last part.
    ///
    /// - Parameters:
    ///   - views: the search so far; nil before the first window.
    ///   - findings: those of the document itself.
    /// - Returns: nil if there are more windows.
    func search(
        _ views: inout ViewSearch?, of document: JoinedTexts, with findings: SecretFindings
    ) -> ResultInspection? {
        let earlier = views ?? ViewSearch(.full)
        switch state.withLock({ loaded in self.next(earlier, of: document, loaded) }) {
        case .failure: return .failed(.scanner)
        case .success(let (search, isEnded)):
            views = search
            return isEnded ? document.inspection(of: findings, search) : nil
        }
    }

    private func next(
        _ views: ViewSearch, of document: JoinedTexts, _ loaded: Loaded?
    ) -> Result<(ViewSearch, Bool), ScanFailure> {
        do throws(ScanFailure) {
            guard let loaded else { throw ScanFailure(.scan, "nothing was searched here before") }
            var views = views
            let bytes = document.bytes
            let isEnded = try views.next(in: bytes.span, by: loaded.scanner, loaded.inflater)
            return .success((views, isEnded))
        } catch { return .failure(error) }
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
            let parts = try load(values, isFirst: true, &loaded)
            parts.scanner.begin()
            let bytes = document.bytes
            try parts.scanner.take(bytes.span)
            let findings = try parts.scanner.finish()
            var views = ViewSearch(.small)
            while try !views.next(in: bytes.span, by: parts.scanner, parts.inflater) {}
            guard !views.isOverBytes else {
                throw ScanFailure(
                    .budget, "the text has more encoded bytes than are decoded at once")
            }
            return .success(document.inspection(of: findings, views))
        } catch { return .failure(error) }
    }

    private func result(
        _ part: Range<Int>, of document: JoinedTexts, _ isLast: Bool, _ values: RegisteredValues,
        _ loaded: inout Loaded?
    ) -> Result<SecretFindings?, ScanFailure> {
        do throws(ScanFailure) {
            let isFirst = part.lowerBound == 0
            let scanner = try load(values, isFirst: isFirst, &loaded).scanner
            if isFirst { scanner.begin() }
            let bytes = document.bytes
            try scanner.take(bytes.span.extracting(part))
            return .success(isLast ? try scanner.finish() : nil)
        } catch { return .failure(error) }
    }

    /// - Parameter isFirst: true if a text begins, for which other rules may be in force than for the one before.
    private func load(
        _ values: RegisteredValues, isFirst: Bool, _ loaded: inout Loaded?
    ) throws(ScanFailure) -> Loaded {
        let compiled = holder.rules
        if var known = loaded, !isFirst || known.compiled === compiled {
            if known.registered !== values {
                if known.registered.revision != values.revision {
                    known.scanner.replace(values.values, revision: values.revision)
                }
                known.registered = values
                loaded = known
            }
            return known
        }
        let scanner = try SecretScanner(
            compiled, values: values.values, revision: values.revision, hashing: hashing,
            keeping: ResultSearch.mostFindings, blockBytes: blockBytes, budget: budget)
        let made = Loaded(scanner: scanner, compiled: compiled, registered: values)
        loaded = made
        return made
    }
}
