import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations on runs and their events. Access is recorded before a response is sent.
    static let runs: [Operation] = [
        Operation(
            name: "listRuns", method: .get, path: "/runs",
            summary:
                "Runs: those that are open, the newest first unless `sort` says otherwise, or all, the "
                + "newest first.",
            query: RunsForm.members + [limit], answer: RunListing.form.shape, problems: fromLog,
            handler: .reading { api, call throws(Problem) in
                let form = try RunsForm(asked: call)
                let most = Int(call.query["limit"]?.integer ?? Int64(LogPage.size))
                return try await api.read(\.runs, call) { log, reader throws(EvidenceRefusal) in
                    try await log.runs(form.query, before: form.before, limit: most, for: reader)
                }.inResponse
            }),
        Operation(
            name: "getRun", method: .get, path: "/runs/{run}",
            summary: "What happened in a run, fifty steps a page.",
            query: [.maybe("from", .whole(0...1_000_000), "`next` of the page before.")],
            answer: RunDetail.form.shape, problems: fromLog + [.noSuchRun],
            handler: .reading { api, call throws(Problem) in
                let run = try call.run()
                let from = Int(call.query["from"]?.integer ?? 0)
                return try await api.read(\.runs, call) { log, reader throws(EvidenceRefusal) in
                    try await log.story(of: run, from: from, limit: LogPage.size, for: reader)
                }.inResponse
            }),
        Operation(
            name: "replayRun", method: .post, path: "/runs/{run}/replay",
            summary: "R0 tells a run again from the log, R1 makes each of its decisions again.",
            body: .record("Replay", .init("level", .choice(of: ReplayLevel.self), "R0 or R1.")),
            answer: ReplayReport.form.shape, problems: fromLog + [.noSuchRun, .tooLarge],
            handler: .answer { api, call throws(Problem) in
                let run = try call.run()
                guard let level = call.body["level"]?.string.flatMap(ReplayLevel.init(rawValue:))
                else { throw Problem(.malformed, "member `level` is missing") }
                return try await api.read(\.runs, call) { log, reader throws(EvidenceRefusal) in
                    try await log.replay(run, level, for: reader)
                }.inResponse
            }),
        Operation(
            name: "getRunBundle", method: .get, path: "/runs/{run}/bundle",
            summary: "The evidence of a run without payloads, for `interlock-verify`; with the "
                + "policies that decided in it for people with a role and for owners of the policy.",
            problems: fromLog + [.noSuchRun, .tooLarge],
            handler: .file { api, call throws(Problem) in
                let run = try call.run()
                return try await api.read(\.runs, call) { log, reader throws(EvidenceRefusal) in
                    try await log.bundle(of: run, for: reader)
                }
            }),
    ]
}

extension APIRequestContext {
    fileprivate func run() throws(Problem) -> RunID {
        guard let run = places["run"].flatMap({ RunID($0) }) else {
            throw Problem(.noSuchRun, "\(EvidenceRefusal.noSuchRun)")
        }
        return run
    }
}

extension RunsForm {
    fileprivate init(asked call: APIQuery) throws(Problem) {
        do throws(QueryFault) { try self.init(call.texts) } catch { throw Problem(error) }
    }
}
