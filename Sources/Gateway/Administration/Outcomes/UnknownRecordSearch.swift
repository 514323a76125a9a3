import InterlockEvidence
import InterlockLedger
import InterlockModel

/// The search for the records `call.unknown` of the unchecked calls. A sweep reads one page for each of a few runs, so
/// that many calls do not delay the pages of people; the search of a run continues where its last page ended, so that
/// each call's record is found however many the run has.
struct UnknownRecordSearch: Sendable {
    /// The facts that were found, by leaf hash of the intent.
    private(set) var details: [Digest: UnknownOutcome.Details] = [:]
    private var runs: [RunID: Run] = [:]
    private var sweeps = 0

    /// One page to read.
    struct Page: Sendable, Hashable {
        let run: RunID
        /// The record before which the page starts, or nil for the newest.
        let before: UInt64?
    }

    private struct Run {
        /// The intents whose record is not found yet.
        var missing: Set<Digest> = []
        var before: UInt64?
        /// False if a page of this search was not read, or did not cover all records.
        var isComplete = true
        /// The searches that ended without some of the records.
        var failures = 0
        /// The sweep from which the next page may be read.
        var due: Int
    }

    /// The runs that are searched in one sweep.
    static let runsAtOnce = 8
    /// The complete searches after which a record counts as pruned. Incomplete ones are repeated without end, since the
    /// index may be behind for long; each waits twice as long as the one before, up to 512 sweeps.
    static let mostFailures = 10

    /// Applies the unchecked calls of the log.
    mutating func follow(_ calls: [Digest: UncheckedCall]) {
        details = details.filter { calls[$0.key] != nil }
        let old = runs
        for id in old.keys { runs[id]?.missing = [] }
        for (hash, call) in calls where details[hash] == nil {
            guard let id = call.intent.run?.run else { continue }
            var run = runs[id] ?? Run(due: sweeps)
            run.missing.insert(hash)
            if old[id]?.missing.contains(hash) != true {
                run.failures = 0
                run.due = min(run.due, sweeps)
            }
            runs[id] = run
        }
        runs = runs.filter { !$0.value.missing.isEmpty }
    }

    /// Begins a sweep and returns the pages to read, those that wait longest first.
    mutating func sweep() -> [Page] {
        sweeps += 1
        return runs.filter { $0.value.due <= sweeps && $0.value.failures < Self.mostFailures }
            .sorted { ($0.value.due, $0.key.text) < ($1.value.due, $1.key.text) }
            .prefix(Self.runsAtOnce)
            .map { Page(run: $0.key, before: $0.value.before) }
    }

    /// - Parameter found: the records of the page, or nil if it could not be read.
    mutating func apply(_ found: RecordFinding?, of page: Page) {
        guard var run = runs[page.run] else { return }
        for case .proved(let record) in found?.rows ?? [] {
            guard let intent = record.record.digest("intent"), run.missing.remove(intent) != nil
            else { continue }
            details[intent] = UnknownOutcome.Details(
                record: record.index, cause: record.record.text("why") ?? "")
        }
        guard !run.missing.isEmpty else {
            runs[page.run] = nil
            return
        }
        if found == nil || found?.fault != nil || found?.unsearched != nil {
            run.isComplete = false
        }
        run.before = found?.next
        run.due = sweeps + 1
        if run.before == nil {
            run.failures += 1
            if !run.isComplete { run.failures = min(run.failures, Self.mostFailures - 1) }
            run.isComplete = true
            run.due = sweeps + (1 << min(run.failures, 9))
        }
        runs[page.run] = run
    }
}
