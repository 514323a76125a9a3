import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// The records that are replayed: those of one run, or of a time.
struct ReplaySelection {
    let run: RunID?
    private let since: Timestamp?
    private let until: Timestamp?

    /// - Throws: exit 64 unless there is a run, or a time, and not both.
    init(_ invocation: Invocation) throws(Failure) {
        let now = SystemClock().now.wall
        since = try invocation["since"].map { text throws(Failure) in try time(text, before: now) }
        until = try invocation["until"].map { text throws(Failure) in try time(text, before: now) }
        run = try invocation.positional.first.map { text throws(Failure) in
            guard let run = RunID(text) else {
                throw Failure(.usage, "`\(text)` is no id of a run")
            }
            return run
        }
        guard (run != nil) != (since != nil || until != nil) else {
            throw Failure(
                .usage, "what is to be replayed is not said, or twice",
                help: "a RUN, or `--since TIME` and `--until TIME`")
        }
    }

    func covers(_ record: StoredRecord) -> Bool {
        if let run { return record.text("run") == run.text }
        let time = Timestamp(microseconds: record["ts"]?.integer ?? 0)
        return since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true
    }

    /// Hands over the records, oldest first.
    ///
    /// - Throws: exit 66 when a run has none.
    func scan(
        _ log: AuditLog, _ body: (LedgerEntry, StoredRecord) throws -> Void
    ) throws {
        var found = false
        var failure: (any Error)?
        try reading {
            try log.reader.scan { entry in
                guard let record = entry.record, covers(record) else { return true }
                found = true
                do { try body(entry, record) } catch { failure = error }
                return failure == nil
            }
        }
        if let failure { throw failure }
        if let run, !found { throw Failure(.notFound, "the log has no run `\(run)`") }
    }
}
