import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// The operation on what a run has read.
    static let taint: [Operation] = [
        Operation(
            name: "getRunTaint", method: .get, path: "/runs/{run}/taint",
            summary: "Whether an open run has read untrusted content, and by which call.",
            answer: RunTaintView.form.shape, problems: [.notRead, .noSuchRun], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let (queries, visibility) = (
                    try api.part(api.sources.taint), try api.visibility(call)
                )
                guard let run = call.places["run"].flatMap({ RunID($0) }),
                    let report = queries.report(of: run, for: visibility)
                else {
                    throw Problem(
                        .noSuchRun, "run not open, or no access",
                        help:
                            "the record of a call has the level of its run as `tl`: interlock audit query --run RUN"
                    )
                }
                return RunTaintView.form.json(RunTaintView(report: report))
            })
    ]
}

/// A run with the level of what it has read.
private struct RunTaintView: Sendable, ResponseRecord {
    let report: RunTaintReport

    static let form = ResponseSchema<RunTaintView>(
        "RunTaint",
        .init("run", .text(.id), "The run.") { $0.report.run.text },
        .maybe("agent", .text(.plain(1...256)), "Absent before the first request after a start.") {
            $0.report.agent?.text
        },
        .init("level", .choice(TaintLevel.allCases.map(\.name)), "It never falls.") {
            $0.report.level.name
        },
        .init("sources", .list(of: TaintSource.self, 0...2), "What raised the level.") {
            $0.report.sources.map { TaintSource(source: $0) }
        })
}

/// A read by which a run got untrusted content.
private struct TaintSource: Sendable, ResponseRecord {
    let source: RunTaintReport.Source

    static let form = ResponseSchema<TaintSource>(
        "TaintSource",
        .maybe("call", .text(.id), "The call; absent if none brought the content.") {
            $0.source.call?.text
        },
        .maybe(
            "cause", .choice(TaintCause.allCases.map(\.rawValue)),
            "The reason, if no call brought the content."
        ) { $0.source.cause?.rawValue },
        .maybe("from", .text(.id), "The run that wrote the files, or whose level is inherited.") {
            $0.source.source?.text
        },
        .init("at", .text(.time), "From when on the run counts as tainted.") { $0.source.at },
        .maybe("server", .text(.plain(1...32)), "Absent if the gateway has started since.") {
            $0.source.address?.server.text
        },
        .maybe("tool", .text(.passage), "Absent if the gateway has started since.") {
            $0.source.address?.tool.text
        },
        .init(
            "markers", .list(.text(.plain(1...64)), count: 0...16),
            "Kinds of markers of injections in what it sent."
        ) { $0.source.kinds })
}
