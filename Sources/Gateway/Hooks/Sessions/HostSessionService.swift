package import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Answers the events of hooks outside runs, which come over a unix socket of their own: the user at the other end is the
/// one whom `hooks.uid` of an agent names, and each session of a host is a run of that agent
/// (docs/specs/coding-agents.md, section 9).
///
/// INVARIANT: this socket serves the events of hooks, the status of a host and the results of `doctor`, and nothing else;
/// each counts only for the agent of the user whom the kernel reports. Kept by `HostSessionTests`, `test_hook_outside.py`.
package final class HostSessionService: RequestHandler {
    private let pipeline: CallPipeline
    let events: HookEventService
    private let issuer: any TokenIssuer
    private let starts: any RunStartReader
    let doctor: DoctorResultService
    let isReloadRefused: @Sendable () -> Bool
    let table = Mutex(HostSessionTable())

    var gateway: Gateway { pipeline.gateway }

    /// - Parameters:
    ///   - events: decides about the events; no other plane may share it, because it finds calls by their runs.
    ///   - issuer: makes the credential of each session.
    ///   - starts: reads this node's log.
    ///   - isReloadRefused: whether the files of the policy have an error, so that what is in force is not what they say.
    package init(
        _ pipeline: CallPipeline, events: HookEventService, issuer: any TokenIssuer,
        starts: any RunStartReader, doctor: DoctorResultService,
        isReloadRefused: @escaping @Sendable () -> Bool
    ) {
        self.pipeline = pipeline
        self.events = events
        self.issuer = issuer
        self.starts = starts
        self.doctor = doctor
        self.isReloadRefused = isReloadRefused
    }

    /// The number of sessions whose end is not on record.
    package var count: Int { table.withLock { $0.count } }

    package func judge(_ head: RequestHead) -> HeadDecision {
        guard
            sameBytes(head.path, AgentPlane.hookPath) || Self.isOfStatus(head)
                || Self.isOfDoctor(head)
        else {
            return .refuse(.plain(404, "no such path"))
        }
        let limit = Self.isOfDoctor(head) ? DoctorResult.limitBytes : HookLimits.wireBytes
        let decision = pipeline.judge(hook: head, of: agent(of: head), limitBytes: limit)
        return decision ?? .refuse(.verdict(.unknownUser(head)))
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        // The policy may be another one since the head was judged.
        guard let agent = agent(of: head) else {
            return exchange.respond(.verdict(.unknownUser(head)))
        }
        guard !Self.isOfStatus(head) else { return exchange.respond(await status(of: agent)) }
        guard !Self.isOfDoctor(head) else { return exchange.respond(await take(body, of: agent)) }
        do throws(HookWireError) {
            let event = try HookEvent(wire: body)
            exchange.respond(.verdict(await answer(event, of: agent, head, exchange)))
        } catch {
            let event = UnreadableEvent(body, error)
            exchange.respond(.verdict(await take(unreadable: event, of: agent)))
        }
    }

    private func agent(of head: RequestHead) -> AgentName? {
        guard case .local(let user, _) = head.listener else { return nil }
        return gateway.policy.snapshot.hookUsers[user]
    }

    private func answer(
        _ event: HookEvent, of agent: AgentName, _ head: RequestHead, _ exchange: any Exchange
    ) async -> HookVerdict {
        let key = HostSession.Key(event, of: agent)
        let isLast = event.kind == .sessionEnd
        // No run is begun in order to end it.
        guard !isLast || table.withLock({ $0.has(key) }) else { return .noted }
        let session: HostSession
        do throws(SessionRefusal) {
            session = try await enter(key) { event.startFields(gateway) }
        } catch { return error.verdict }
        let verdict = await decide(event, session.head(for: head), exchange)
        let over = gateway.clock.boot
        let isEnded = isLast && verdict.decision == .allow && !isStopped(session.run.run)
        table.withLock { $0.leave(session, at: over, isLast: isEnded) }
        if isEnded { await recordEnds(only: session.run.run) }
        return verdict
    }

    /// Enters a session, which `leave` of the table must follow. Durable on return: the start of its run, which its
    /// first event begins.
    ///
    /// - Parameter fields: those of the start.
    /// - Throws: the answer to an event whose session may not begin.
    func enter(
        _ key: HostSession.Key, fields: @Sendable () -> JSONObject
    ) async throws(SessionRefusal) -> HostSession {
        let now = gateway.clock.boot
        let entered = table.withLock { table in
            table.enter(key, at: now) { begin(key, fields()) }
        }
        guard let session = entered else {
            throw SessionRefusal(verdict: refuse(key.agent, at: now))
        }
        if let code = await session.start.value {
            table.withLock { $0.drop(session) }
            gateway.hostSessions.remove(session.run.run)
            throw SessionRefusal(verdict: .unrecorded(code))
        }
        return session
    }

    private func refuse(_ agent: AgentName, at now: BootTime) -> HookVerdict {
        let isFirst = table.withLock { $0.refuse(agent, at: now) }
        noteRefusal(
            of: agent, counted: "limit.sessions",
            recorded: isFirst ? "access.too_many_sessions" : nil)
        return .tooManySessions
    }

    /// Counts what the rate of an agent refuses, and records the first of a minute: a loop must not fill the log.
    ///
    /// - Parameter code: the code of the record; nil for no record.
    func noteRefusal(of agent: AgentName, counted metric: String, recorded code: String?) {
        gateway.countRefusedConnection(of: agent, code: metric)
        guard let code else { return }
        gateway.ledger.note(
            RecordDraft(
                .accessRefused, run: nil,
                fields: ["code": .string(code), "agent": .string(agent.text)]))
    }

    /// True for a run that people or the monitor stopped. Its session stays in the table, so that its next event does not
    /// begin another run.
    private func isStopped(_ run: RunID) -> Bool {
        gateway.runs.distrusted.contains(run)
            || gateway.halts.halts.active.values.contains { $0.target == .run(run) }
    }

    private func decide(
        _ event: HookEvent, _ head: RequestHead, _ exchange: any Exchange
    ) async -> HookVerdict {
        do throws(HookRefusal) {
            return await events.answer(event, of: try await pipeline.admit(hook: head), exchange)
        } catch {
            switch error {
            case .refused(let refusal): return HookVerdict(for: refusal, event: event)
            case .http(let response): return HookVerdict(refusedBy: response)
            }
        }
    }

    /// - Returns: nil without a token.
    private func begin(_ key: HostSession.Key, _ fields: JSONObject) -> HostSession? {
        let run = RunContext(run: gateway.newID(), agent: key.agent, subject: nil)
        let order = TokenOrder(
            agent: run.agent, run: run.run, purpose: nil, onBehalfOf: nil,
            lifetime: TokenLife.bounds.upperBound)
        guard let token = try? issuer.issue(order, now: gateway.clock.wall) else { return nil }
        gateway.hostSessions.add(run.run, of: run.agent, token: token.id)
        let gateway = gateway
        return HostSession(key, run, token) {
            let policy = gateway.policy.snapshot(for: run.agent)
            do throws(LedgerRefusal) {
                _ = try await gateway.beginHeld(run, under: policy, fields: fields)
                try await gateway.inheritLevel(forSession: run)
                return nil
            } catch {
                if gateway.ledger.knows(run: run.run) {
                    try? await gateway.endHeld(run, fields: ["code": "unknown"])
                }
                return error.code
            }
        }
    }

    /// Ends the sessions that are over, and tries again what could not be recorded. Called every second.
    package func sweep() async { await recordEnds() }

    private func recordEnds(only run: RunID? = nil) async {
        let now = gateway.clock.boot
        for (run, end) in table.withLock({ $0.takeEnds(at: now, only: run) }) {
            var isRecorded = true
            gateway.keepLevel(ofSession: run)
            do throws(LedgerRefusal) {
                try await gateway.endHeld(run, fields: ["code": .string(end.rawValue)])
                gateway.hostSessions.remove(run.run)
                events.end(run.run)
            } catch { isRecorded = false }
            table.withLock { $0.settle(run.run, isRecorded: isRecorded) }
        }
    }

    /// Ends the sessions that an earlier process began: their tokens are gone. Must be called before the socket is open;
    /// the log is read afterwards. If it cannot be read, these runs end as every run of which no token is known.
    package func endEarlierSessions() {
        let policy = gateway.policy.snapshot
        let found = gateway.runs.open { _, agent in policy.agents[agent]?.hooks?.user != nil }
        guard !found.isEmpty else { return }
        Task { await end(earlier: found) }
    }

    func end(earlier found: [(run: RunID, agent: AgentName)]) async {
        guard let begun = try? await starts.starts(of: Set(found.map(\.run))) else { return }
        let now = gateway.clock.boot
        table.withLock { table in
            for (run, agent) in found where begun[run]?["host"] != nil {
                table.add(
                    earlier: RunContext(run: run, agent: agent, subject: nil), at: now)
            }
        }
        await recordEnds()
    }
}

/// The answer to an event whose session may not begin.
struct SessionRefusal: Error {
    let verdict: HookVerdict
}

extension HookEvent {
    /// The fields of `run.start` that a session has.
    fileprivate func startFields(_ gateway: Gateway) -> JSONObject {
        var fields = sessionFields(gateway)
        addProgram(to: &fields, gateway)
        return fields
    }
}

extension HookVerdict {
    fileprivate static func unknownUser(_ head: RequestHead) -> HookVerdict {
        var name = "this user"
        if case .local(let user, _) = head.listener { name = "user id \(user)" }
        return HookVerdict(
            .deny, reason: "unknown-user", text: "no agent of the policy has \(name) in hooks.uid")
    }

    fileprivate static let tooManySessions = HookVerdict(
        .deny, reason: "too-many-sessions",
        text:
            "too many sessions of this agent are open or were begun in a short time; end one, or try again in a minute"
    )

    /// The refusal of a session's credential, which was revoked or whose agent may not act now.
    ///
    /// - Parameter response: its body is the explanation, one line of text.
    fileprivate init(refusedBy response: HTTPResponse) {
        let line = response.body.prefix { $0 != UInt8(ascii: "\n") }
        self.init(
            .deny, reason: "access",
            text:
                "\(String(decoding: line, as: UTF8.self)); a revoked session does not go on, begin another"
        )
    }
}
