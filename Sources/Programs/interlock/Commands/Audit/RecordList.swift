import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading

/// The output of `tail` and `query`: the access is recorded first, then the proved records are printed with a line
/// about their proofs.
struct RecordList {
    let filter: RecordFilter
    let search: RecordSearch
    private let records: [ProvedRecord]
    /// Is true if `records` contains every record of a run.
    private let isWholeRun: Bool

    /// Finds the newest records that the options select.
    init(_ invocation: Invocation, limit: Int) throws {
        let log = try AuditLog(invocation)
        try self.init(in: log, RecordFilter(invocation, log), limit: limit)
    }

    /// Finds the newest records that match the filter.
    init(in log: AuditLog, _ filter: RecordFilter, limit: Int) throws {
        self.filter = filter
        var search = try RecordSearch.telling(log)
        records = try search.newest(filter, limit: limit)
        self.search = search
        isWholeRun = filter.isOfRunAlone && records.count < limit
    }

    /// - Throws: exit 69 if the access cannot be recorded.
    /// - Returns: exit 1 if the index or a run's chain omits records.
    func show(_ kind: ExportKind, _ invocation: Invocation) throws(Failure) -> Exit {
        try AuditExport.record(
            kind: kind, count: records.count, query: invocation.query, from: search.log.log)
        let style = Style(invocation)
        if style == .csv { Output.line(RecordFormatter.csvHeader) }
        for record in records { Self.print(record, style) }
        if style == .text { Output.line("\(records.count) records, \(records.statement)") }
        return report()
    }

    enum Style {
        case text, json, csv

        init(_ invocation: Invocation) {
            self = invocation.isJSON ? .json : invocation.has("csv") ? .csv : .text
        }
    }

    static func print(_ record: ProvedRecord, _ style: Style) {
        switch style {
        case .text: RecordFormatter.printLine(record.entry)
        case .json: Output.json(.object(RecordFormatter.object(record)))
        case .csv: Output.line(RecordFormatter.csv(record))
        }
    }

    private func report() -> Exit {
        search.report(RunContinuity.faults(in: records, isWhole: isWholeRun))
    }
}

extension RecordSearch {
    /// Warns on standard error of faults in the records found and of rows of the index without a proof.
    ///
    /// - Returns: exit 1 if there is one.
    func report(_ faults: [String]) -> Exit {
        var faults = faults
        if !unproved.isEmpty {
            faults.append(
                "\(unproved.count) rows of the index have no proof and are not shown; "
                    + "`interlock audit gaps --rebuild` tells which")
        }
        for fault in faults { Output.error("warning: \(fault)") }
        return faults.isEmpty ? .ok : .no
    }
}
