import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockJSON
import InterlockMCP
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSandboxes

extension Console {
    func runs(
        _ route: RunsRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        if case .changes(let run) = route { return await changesPage(run, query, session) }
        guard let runs = sources.runs else { return absent(session) }
        let reader = reader(session)
        do throws(EvidenceRefusal) {
            switch route {
            case .list: return try await listPage(runs, query, reader, session)
            case .run(let run):
                guard let from = Self.place(query) else { return malformed(session) }
                let story = try await runs.story(
                    of: run, from: from, limit: Self.pageSize, for: reader)
                return runPage(story, session, hosts: try await hosts(of: story, session))
            case .replay(let run): return try await replay(run, runs, body, reader, session)
            case .bundle(let run): return .file(try await runs.bundle(of: run, for: reader))
            case .changes: return absent(session)
            }
        } catch {
            return problem(error, session)
        }
    }

    private func listPage(
        _ runs: any RunQueries, _ query: String?, _ reader: EvidenceReader, _ session: PersonSession
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        guard let fields = FormFields.parse(query ?? ""), let form = try? RunsForm(fields) else {
            return malformed(session)
        }
        let found = try await runs.runs(
            form.query, before: form.before, limit: Self.pageSize, for: reader)
        let page = RunsPage(
            form: form, found: found,
            seesAgents: sources.visibility(session.person).seesSomeAgents,
            sandbox: { [sandboxes = sources.sandboxes] in sandboxes?.status(of: $0) })
        return Page(
            title: "Runs", section: .runs, viewer: session, header: page.header, readsLog: true
        ) {
            page.content
        }.response(200, frame)
    }

    private func replay(
        _ run: RunID, _ runs: any RunQueries, _ body: [UInt8], _ reader: EvidenceReader,
        _ session: PersonSession
    ) async throws(EvidenceRefusal) -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let level = ReplayLevel(rawValue: form["level"]) else { return malformed(session) }
        let report = try await runs.replay(run, level, for: reader)
        let story = try await runs.story(of: run, from: 0, limit: Self.pageSize, for: reader)
        return runPage(story, session, replayed: report, hosts: try await hosts(of: story, session))
    }

    private func runPage(
        _ story: RunDetail, _ session: PersonSession, replayed: ReplayReport? = nil,
        hosts: RunHosts?
    ) -> HTTPResponse {
        let line = story.line
        let hold = sources.limits?.holds(for: sources.visibility(session.person)).first {
            $0.run == line.run
        }
        let pausing = line.state == .ended ? [] : self.pausing(line, hold, session)
        let stopping = line.state == .ended ? [] : stopping(.run(line.run), line.halt, session)
        let page = RunPage(
            story: story, formToken: session.formToken, orders: pausing + stopping,
            replayed: replayed,
            stop: stopping.isEmpty ? nil : stopAction("Stop run", line.halt, session), hold: hold,
            pause: pausing.isEmpty
                ? nil
                : HeaderAction(
                    hold?.isPaused == true ? "Continue run" : "Pause run", .to(Self.orders)),
            sandbox: sources.sandboxes?.status(of: line.run).map(SandboxFacts.init)
                ?? SandboxFacts(story.steps.steps, of: line.run, line.agent),
            hosts: hosts,
            taint: sources.taint?.report(
                of: line.run, for: sources.visibility(session.person)),
            changes: changesAction(line.run, session), policy: sources.policy)
        return Page(
            title: page.title, section: .runs, viewer: session, header: page.header,
            signsOrders: true, readsLog: true
        ) { page.content }.response(200, frame)
    }

    /// Returns the form that pauses the run or lets it continue. Empty for a person who may do neither.
    private func pausing(
        _ line: RunSummary, _ hold: RunHold?, _ session: PersonSession
    ) -> [HTML] {
        guard sources.runOrders != nil, let signer = orderSigner(session) else { return [] }
        let action: RunContent.Action = hold?.isPaused == true ? .unpause : .pause
        guard line.owner == session.person || !signer.roles.isDisjoint(with: action.roles) else {
            return []
        }
        return [
            element(.section) {
                element(.h2) { action == .pause ? "Pause" : "Paused" }
                element(.p) {
                    action == .pause
                        ? "No call of the run goes on until a person lets it continue. One signature ends a pause."
                        : "No call of the run goes on."
                }
                signer.form(.run(action, line.run), 1)
            }
        ]
    }

    /// Returns the first step of a page, or nil if the address is malformed.
    private static func place(_ query: String?) -> Int? {
        guard let fields = FormFields.parse(query ?? ""), fields.keys.allSatisfy({ $0 == "from" })
        else { return nil }
        guard let text = fields["from"] else { return 0 }
        return Int(text).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    }
}
