package import InterlockEvidence
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockProvenance

/// The changes that merge checks stated, as the log has them: the payload `change` of each `merge.checked`.
///
/// Records of the last 100 days are read and remembered, and their changes for as long as payloads are kept, if that is
/// shorter: the first question after a start reads these, and the next ones what is new. A change without a check for that
/// long is left out, also if it is open.
package actor MergeHistory {
    /// The changes of a part of the log.
    struct Found: Sendable {
        let changes: ReviewedChanges
        /// The checks whose change cannot be read: its payload was erased, or is not of its form.
        let unread: Int
        /// The checks that state no change, because the review file named none or there was none.
        let unnamed: Int
        /// The checks of changes of the gate itself, the oldest first.
        let gateChecks: [GateChangeCheck]
    }

    private enum Check {
        case change(CheckedChange<Pseudonym>)
        case unread
        case unnamed
    }

    private let log: any RecordLog
    /// The time for which the changes of checks are remembered: no longer than their payloads are kept.
    private let remembered: Duration
    private var checks: [(at: Timestamp, check: Check)] = []
    private var gateChecks: [GateChangeCheck] = []
    /// The records below are read.
    private var next: UInt64 = 0
    private var isReading = false

    /// The longest time for which checks are remembered.
    package static let kept = Duration.seconds(100 * 86_400)
    private static let mostRecords = 50_000

    /// - Parameter payloadDays: the days that payloads are kept.
    package init(log: any RecordLog, payloadDays: Int) {
        self.log = log
        remembered = min(Self.kept, .seconds(payloadDays * 86_400))
    }

    /// The changes by all checks before a time.
    ///
    /// - Throws: `busy` while the log is read for another request.
    func changes(
        before end: Timestamp, now: Timestamp
    ) async throws(MergeCheckRefusal) -> Found {
        try await refresh(now)
        var changes = ReviewedChanges()
        var (unread, unnamed) = (0, 0)
        for (at, check) in checks where at < end {
            switch check {
            case .change(let change): changes.add(change, at: at)
            case .unread: unread += 1
            case .unnamed: unnamed += 1
            }
        }
        return Found(
            changes: changes, unread: unread, unnamed: unnamed,
            gateChecks: gateChecks.filter { $0.at < end })
    }

    private func refresh(_ now: Timestamp) async throws(MergeCheckRefusal) {
        guard !isReading else { throw .busy }
        isReading = true
        defer { isReading = false }
        var filter = RecordFilter()
        filter.type = RecordType.mergeChecked.rawValue
        filter.since = now - Self.kept
        let records = try await log.newRecords(
            filter, from: next, most: Self.mostRecords, "checks of changes")
        for record in records {
            let at = try Self.time(of: record)
            if at >= now - remembered {
                let found = try await check(record)
                checks.append((at: at, check: found))
            }
            if let gate = GateChangeCheck(record, at: at) { gateChecks.append(gate) }
            next = record.index + 1
        }
        let oldest = now - remembered
        checks.removeAll { $0.at < oldest }
        gateChecks.removeAll { $0.at < now - Self.kept }
    }

    private static func time(of record: VerifiedRecord) throws(MergeCheckRefusal) -> Timestamp {
        guard let time = record.record.time else {
            throw .notRead("record \(record.index) is not as it is written")
        }
        return time
    }

    private func check(_ record: VerifiedRecord) async throws(MergeCheckRefusal) -> Check {
        guard record.record["change"] != nil else { return .unnamed }
        let evidence: RecordEvidence
        do throws(EvidenceRefusal) {
            evidence = try await log.record(at: record.index) { _ in true }
        } catch { throw MergeCheckRefusal(error) }
        guard let value = evidence.payloads?.first(where: { $0.field == "change" })?.json,
            let change = try? CheckedChange<Pseudonym>(
                value, name: { Pseudonym(written: $0) })
        else { return .unread }
        return .change(change)
    }
}

/// A check of a change of the gate itself: its configuration, required checks, owners or policy. The next governance
/// review has it (docs/specs/trust-and-review.md, section 10).
package struct GateChangeCheck: Sendable, Hashable {
    /// The index of its record.
    package let index: UInt64
    package let at: Timestamp
    package let head: String
    /// The answer of the check.
    package let verdict: String
    /// The number of changed files of the gate.
    package let files: Int64

    /// - Returns: nil for a check of a change that leaves the gate as it is.
    init?(_ record: VerifiedRecord, at: Timestamp) {
        guard let files = record.record["gate"]?.integer, files > 0 else { return nil }
        index = record.index
        self.at = at
        head = record.record.text("head") ?? ""
        verdict = record.record.text("verdict") ?? ""
        self.files = files
    }
}
