package import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// A request of a coding agent's hook whose sender is known: the run is proven by the connection, as for `/mcp`.
package struct AdmittedHook: Sendable {
    let admitted: AdmittedRequest
    package let run: RunContext
    package var principal: Principal { admitted.principal }

    fileprivate init(_ admitted: AdmittedRequest, _ run: RunContext) {
        self.admitted = admitted
        self.run = run
    }
}

/// The reason why the event of a hook is not taken.
package enum HookRefusal: Error {
    /// A response without a verdict; the hook denies.
    case http(HTTPResponse)
    case refused(Refusal)
}

extension CallPipeline {
    /// Judges the head of an event, before its body is read.
    package func judge(hook head: RequestHead, limitBytes: Int) -> HeadDecision {
        do throws(RefusedRequest) {
            try checkPace(try identify(try receive(hook: head).get()).get()).get()
            return .readBody(limitBytes: limitBytes)
        } catch { return refuse(error) }
    }

    /// Judges the head of an event from outside a run, whose run is known only after its body.
    ///
    /// - Parameter agent: the agent of the user at the other end; nil for the user of no agent.
    /// - Returns: nil if there is no agent. Each such event is counted, and the first of a user in an hour is recorded:
    ///   every user may connect, and none of them may fill the log.
    package func judge(
        hook head: RequestHead, of agent: AgentName?, limitBytes: Int
    ) -> HeadDecision? {
        do throws(RefusedRequest) {
            let received = try receive(hook: head).get()
            guard let agent else {
                let isKnown =
                    gateway.admission.strangers.fail(from: head.source, at: received.at.boot) != nil
                record(.credential(code: isKnown ? nil : "unknown_user", nil))
                return nil
            }
            try checkPace(agent, at: received.at).get()
            return .readBody(limitBytes: limitBytes)
        } catch { return refuse(error) }
    }

    private func refuse(_ refused: RefusedRequest) -> HeadDecision {
        record(refused.context)
        if case .http(let response) = refused.exit { return .refuse(response) }
        return .refuse(.plain(500, "this request cannot be judged"))
    }

    /// Identifies the sender of an event and checks the halts of it. On return the key of the run's payloads is durable.
    package func admit(hook head: RequestHead) async throws(HookRefusal) -> AdmittedHook {
        gateway.counters.requests.count()
        let admitted: AdmittedRequest
        do throws(RefusedRequest) {
            admitted = try checkHalt(try identify(try receive(hook: head).get()).get()).get()
        } catch {
            record(error.context)
            switch error.exit {
            case .http(let response): throw .http(response)
            case .refused(let refusal), .refusedCaller(let refusal): throw .refused(refusal)
            case .unknown, .invalid, .insufficientScope:
                throw .http(.plain(403, "the event is refused"))
            }
        }
        await gateway.runs.prepare(admitted.principal.run)
        return AdmittedHook(admitted, gateway.runs.context(of: admitted.principal))
    }

    /// Runs one call of a host through the stages. Returns once its end is on record; `call` tells before that whether it
    /// is allowed.
    package func govern(
        host call: HostCall, _ id: CallID, tool: ToolAddress, _ arguments: JSONValue,
        of hook: AdmittedHook, _ exchange: any Exchange
    ) async -> CallEnd {
        let head = hook.admitted.received.head
        let credential = StreamCredential(head.bearer, from: head.workload)
        credential.isProven(at: hook.admitted.identified.revocations)
        let caller = Caller(exchange: exchange, credential: credential)
        // The exchange is the hook's own, and takes the verdict alone.
        caller.mayStream = false
        let parsed = parse(host: call, id, tool, arguments, hook.admitted)
        let end = await govern(parsed, caller)
        gateway.hostCalls.remove(id, of: hook.run.run)
        return end
    }
}

extension Gateway {
    /// Records what a hook tells, without waiting for the disk.
    package func note(hook record: RecordDraft, of run: RunContext) {
        runs.open(run, policy: policy.snapshot(for: run.agent).digest)
        ledger.note(record)
    }

    /// Records what a hook tells, durably, after `run.start` if it is the run's first record.
    ///
    /// - Throws: if the log cannot take it.
    package func record(hook record: RecordDraft, of run: RunContext) async throws(LedgerRefusal) {
        runs.open(run, policy: policy.snapshot(for: run.agent).digest)
        _ = try await ledger.append(record)
    }
}
