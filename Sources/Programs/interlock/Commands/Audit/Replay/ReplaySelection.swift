import InterlockCommandLine
import InterlockCredentials
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

/// The records to replay: those of one run or of a period.
struct ReplaySelection {
    private static let people = Set(
        [RecordType.approverEnrolled, .approverRevoked, .peopleRole].map(\.rawValue))

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
    /// - Parameter people: receives the first record of the log and those about people, if a whole run is replayed.
    /// - Throws: exit 66 if the run has no records.
    func scan(
        _ log: AuditLog, _ body: (LedgerEntry, StoredRecord) throws -> Void,
        people: (LedgerEntry, StoredRecord) -> Void = { _, _ in }
    ) throws {
        var found = false
        let progress = log.progress()
        defer { progress.end() }
        try log.scan(counting: progress) { entry in
            guard let record = entry.record else { return true }
            guard filter.matches(record) else {
                if run != nil, entry.index == 0 || Self.people.contains(record.type) {
                    people(entry, record)
                }
                return true
            }
            found = true
            try body(entry, record)
            return true
        }
        if let run, !found { throw Failure(.notFound, "the log has no run `\(run)`") }
    }
}
