import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockStore

/// The records to replay: those of one run or of a period.
struct ReplaySelection {
    private let run: RunID?
    private let filter: RecordFilter

    /// - Throws: exit 64 unless either a run or a period is given.
    init(_ invocation: Invocation) throws(Failure) {
        let now = SystemClock().now.wall
        var filter = RecordFilter()
        filter.since = try invocation.timestamp("since", before: now)
        filter.until = try invocation.timestamp("until", before: now)
        run = try invocation.positional.first.map { text throws(Failure) in
            try Invocation.parsed(text, "no id of a run", .usage) { RunID($0) }
        }
        guard (run != nil) != (filter != RecordFilter()) else {
            throw Failure(
                .usage, "what is to be replayed is not said, or twice",
                help: "a RUN, or `--since TIME` and `--until TIME`")
        }
        filter.run = run?.text
        self.filter = filter
    }

    /// Passes the records to `body`, oldest first.
    ///
    /// - Throws: exit 66 if the run has no records.
    func scan(_ log: AuditLog, _ body: (LedgerEntry, StoredRecord) throws -> Void) throws {
        var found = false
        try log.scan { entry in
            guard let record = entry.record, filter.matches(record) else { return true }
            found = true
            try body(entry, record)
            return true
        }
        if let run, !found { throw Failure(.notFound, "the log has no run `\(run)`") }
    }
}
