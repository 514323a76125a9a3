import InterlockMCP
import InterlockModel
package import InterlockPorts

/// The pipeline of one call, top to bottom. Every entry (HTTP, stdio, hooks, `interlock run`) passes through it; there
/// is no second path.
///
/// Each stage takes the type that the previous stage made and makes the next; a type's initializer is private to its
/// stage's file, so a skipped check does not compile. A refusal is a value made by the stage; `get()` here only leaves
/// the sequence early, and `record` is the one place that counts it, records it and raises its alert.
package struct CallPipeline: Sendable {
    package let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    /// Answers one request of the agent plane through `exchange`.
    package func run(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        gateway.counters.requests.count()
        let placed = gateway.ports.placement.map { PlacedExchange(exchange, $0) }
        defer { placed?.release() }
        let caller = Caller(
            exchange: placed ?? exchange,
            credential: StreamCredential(head.bearer, from: head.workload), bodyBytes: body.count)
        var watch = PipelineStageTimer(gateway)
        do throws(RefusedRequest) {
            let received = try receive(head).get()  // bounded bytes, Host, Origin
            watch.end(.receive)
            let identified = try identify(received).get()  // credential -> agent, run, person
            watch.end(.identify)
            caller.credential.isProven(at: identified.revocations)
            let admitted = try checkHalt(identified).get()  // org, owner, agent, run
            watch.end(.checkHalt)
            // Another node may serve the run: it has answered then.
            if let placed, try await !place(admitted, body, placed).get() { return }
            await gateway.runs.prepare(identified.principal.run)  // durable: payload key
            gateway.inheritLevel(of: identified.principal)  // from the client's earlier run
            await gateway.inheritLevelOfSessions(by: identified.principal)  // durable: the level
            guard received.method == .post else { return await manageSession(admitted, caller) }
            watch.skip()
            let parsed = try parse(admitted, body, caller).get()  // strict JSON, envelope, session
            watch.end(.parse)
            await caller.giveWay()
            await answer(parsed, caller)
        } catch {
            record(error.context)
            refuse(error.exit, body, caller)
        }
    }

    /// Runs the stages of a parsed call. Never fails: a stop is an end like any other.
    func govern(_ parsed: ParsedCall, _ caller: Caller) async -> CallEnd {
        gateway.observation.note(parsed.call)
        var watch = PipelineStageTimer(gateway)
        var flight: (agent: AgentName, server: ServerName)?
        defer { if let flight { gateway.admission.flights.leave(flight.agent, flight.server) } }
        do throws(RefusedRequest) {
            let resolved = try resolve(parsed).get()  // server, tool, pin, arguments
            let searched = await searchArguments(of: resolved)  // for secrets
            watch.end(.resolve)
            await caller.giveWay()
            let attempted = attempt(searched)  // counted by the breaker of its run
            let decided = try decide(attempted).get()  // the one decision point
            watch.end(.decide)
            flight = try enterFlight(decided).get()  // limits on concurrent calls
            let recorded = try await recordIntent(decided).get()  // on disk: the intent
            watch.end(.recordIntent)
            let approved = try await awaitApproval(recorded, caller).get()  // disk: request, votes
            watch.end(.awaitApproval)
            let cleared = try await recheck(approved, caller).get()  // on disk: the use
            watch.end(.recheck)
            let witnessed = try await awaitQuorum(cleared).get()  // cosigned by witnesses
            watch.end(.awaitQuorum)
            let confirmed = try await confirm(witnessed, caller).get()  // rechecked after the wait
            watch.end(.confirm)
            let executed = await execute(confirmed, caller)  // sent upstream
            watch.end(.execute)
            let inspected = await inspect(executed, for: caller)  // output schema, halts, secrets
            watch.end(.inspect)
            defer { watch.close(decided) }
            return .closed(await recordOutcome(inspected))  // on disk: the outcome
        } catch {
            record(error.context)
            return .stopped(error.exit)
        }
    }
}

/// The end of a call, for `respond`.
package enum CallEnd: Sendable {
    case closed(ClosedCall)
    case stopped(PipelineExit)
}

extension CallPipeline: RequestHandler {
    /// Runs the first stages of `run` on the head alone, so that the body of an unauthenticated request is never read.
    package func judge(_ head: RequestHead) -> HeadDecision {
        do throws(RefusedRequest) {
            try checkPace(try identify(try receive(head).get()).get()).get()
            return .readBody(limitBytes: gateway.settings.bodyLimitBytes)
        } catch {
            record(error.context)
            if case .http(let response) = error.exit { return .refuse(response) }
            return .refuse(.plain(500, "this request cannot be judged"))
        }
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        await run(head, body: body, exchange)
    }
}
