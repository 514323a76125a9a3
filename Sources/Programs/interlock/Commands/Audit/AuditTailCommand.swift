import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockStore

extension Command {
    static let auditTail = Command(
        "audit tail", "print the newest durable records, each proved",
        example: "interlock audit tail -f --agent refunds",
        options: Option.logSource + [
            .json,
            Option("-n COUNT", "how many (default: 50)"),
            Option("-f", "go on with what is recorded from now on"),
            .ofAgent, .ofRun, .ofType,
        ],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes:
            "Each record is read from the log and proved against its newest signed checkpoint. That you look is "
            + "recorded first (`export.made`); with -f once, at the beginning."
    ) { invocation in
        let limit = try count(invocation, "n", default: 50)
        let list = try RecordList(invocation, limit: limit)
        let exit = try list.show(.tail, invocation)
        guard invocation.has("f") else { return exit }
        let log = list.search.log
        try await follow(log.log, list.filter, from: log.size, .init(invocation))
    }
}

/// The interval between two checks for new records.
private let followInterval = Duration.milliseconds(500)

/// Prints new records until the program ends or its output is closed.
private func follow(
    _ log: AuditLog, _ filter: RecordFilter, from start: UInt64, _ style: RecordList.Style
) async throws -> Never {
    var next = start
    while true {
        try await Task.sleep(for: followInterval)
        guard try reading({ try log.reader.size() }) > next else { continue }
        var search = try RecordSearch.telling(log)
        for record in try search.range(next..<search.log.size) where filter.matches(record.record) {
            RecordList.print(record, style)
        }
        next = search.log.size
    }
}

extension RecordFilter {
    /// Is true if the filter selects all records of a run, so that its chain must have no gap.
    var isOfRunAlone: Bool {
        guard run != nil else { return false }
        var rest = self
        rest.run = nil
        return rest == RecordFilter()
    }
}
