import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockMarkup
import InterlockModel

/// The drawings of `runs show`.
enum RunDrawing {
    /// The limit of records of one run that are read for a drawing, the newest.
    private static let mostRecords = 20_000

    /// Draws a run of the deployment's log on standard output, and with `--svg` into a file.
    ///
    /// - Throws: exit 66 if the log has no record of the run, exit 69 if the access cannot be recorded, exit 73 if
    ///   there is something at the file's path.
    /// - Returns: exit 1 if records of the run are missing or have no proof.
    static func show(_ run: RunID, _ invocation: Invocation) throws -> Exit {
        guard !invocation.isJSON else {
            throw Failure(
                .usage, "`--graph` and `--svg` cannot be used with `--json`",
                help: "`interlock audit replay \(run.text) --level R0 --json` has each step")
        }
        let path = invocation["svg"]
        if let path { try OutputFile.requireFree(path) }
        var search = try RecordSearch.telling(try AuditLog(invocation))
        var filter = RecordFilter()
        filter.run = run.text
        let found = try search.newest(filter, limit: mostRecords + 1)
        let records = found.suffix(mostRecords)
        guard let first = records.first else {
            throw Failure(
                .notFound, "the log has no run `\(run.text)`",
                help: "interlock audit query --type run.start")
        }
        try AuditExport.record(
            kind: .query, count: records.count, query: invocation.query, from: search.log.log)
        let steps = try records.filter { RunStep.tells($0.record) }
            .map { try search.log.log.step($0.entry, $0.record, opens: false) }
        let graph = RunGraph(
            run: run.text, agent: first.record.text("agent") ?? "unknown",
            spans: RunSteps(steps: steps, faults: [], next: nil).spans)
        if let path { try OutputFile.write(Array(graph.svg.utf8), to: path) }
        if invocation.has("graph") {
            let lines = graph.lines(
                columns: TerminalStyle.columns, isASCII: !LocaleCharset.isUTF8)
            for (number, line) in lines.enumerated() {
                let isTitle = number == RunGraph.titleLine
                Output.line(isTitle ? TerminalStyle.output.emphasized(line, .bold) : line)
            }
        } else if let path {
            Output.line("wrote `\(path)`: \(graph.count)")
        }
        let isWhole = found.count <= mostRecords
        let cut = isWhole ? [] : ["only the newest \(mostRecords) records of the run are drawn"]
        return search.report(
            cut + RunContinuity.faults(in: Array(records), isWhole: true, isFromStart: isWhole))
    }
}
