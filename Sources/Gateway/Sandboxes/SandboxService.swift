package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Begins and ends sandboxed runs for their supervisors, and tells them of halts.
///
/// INVARIANT: a run is in the table before `begin` reads the halts, and a halt is in force before it walks the table.
/// So each run is either stopped by the walk or refused. Kept by `SandboxServiceTests`.
package final class SandboxService: SandboxedRuns {
    /// A run that has begun.
    package struct Begun: Sendable {
        package let run: RunID
        /// The leaf hash of `run.start`.
        package let attestation: Digest
        /// The token with which the supervisor passes on what comes over the run's own listener; it stays outside.
        package let token: String?
    }

    let gateway: Gateway
    let folders: any SandboxFolders
    let issuer: (any TokenIssuer)?
    let starts: (any RunStartReader)?
    /// Is nil if only supervisors say what is left of their runs.
    let processes: (any RunProcessMonitor)?
    private let egress: SandboxEgress
    private let production: ProductionSecrets
    let table = Mutex(SandboxTable())

    /// The time without a word of the gateway after which a supervisor closes the connections of its run.
    package static let lease = SandboxTable.lease

    /// - Parameters:
    ///   - issuer: nil for no tokens, so that runs do not reach the agent plane.
    ///   - starts: reads this node's log; nil if no run of an earlier process is attested.
    ///   - production: the secrets that no exploratory run has.
    ///   - isReloadRefused: whether the files of the policy have an error.
    package init(
        gateway: Gateway, folders: any SandboxFolders, issuer: (any TokenIssuer)? = nil,
        processes: (any RunProcessMonitor)? = nil, starts: (any RunStartReader)? = nil,
        production: ProductionSecrets = ProductionSecrets(),
        isReloadRefused: @escaping @Sendable () -> Bool = { false }
    ) {
        self.gateway = gateway
        self.folders = folders
        self.issuer = issuer
        self.starts = starts
        self.processes = processes
        self.production = production
        egress = SandboxEgress(gateway: gateway, isReloadRefused: isReloadRefused)
    }

    package var count: Int { table.withLock { $0.entries.count } }

    /// Begins a run. `run.start` is durable on return; if the process dies before that, no command was executed. Blocks
    /// on the disk for the run's folder.
    package func begin(_ request: SandboxRequest) async throws(SandboxRefusal) -> Begun {
        let policy = gateway.policy.snapshot(for: request.agent)
        let owner = try check(request, policy)
        let task = try task(of: request, policy)
        let run = RunContext(run: gateway.newID(), agent: request.agent, subject: nil)
        guard table.withLock({ $0.add(run, at: gateway.clock.boot, request.shownSetup) }) else {
            throw .tooMany
        }
        guard gateway.halt(of: run.agent, run: run.run) == nil else {
            drop(run)
            throw .halted
        }
        if let parts = request.measured?.parts(hashing: gateway.pins.hashing) {
            gateway.ports.evals.take(parts, of: run.run, run.agent)
        }
        if let fact = gateway.evalRefusal(ofStart: run, under: policy) {
            drop(run)
            throw .evals(run.agent, fact)
        }
        do throws(StoreFailure) { try folders.open(run.run, of: run.agent) } catch {
            drop(run)
            throw .notStored(error.reason)
        }
        var fields = request.fields
        fields["own"] = .string(owner.text)
        let token = issueToken(for: run, purpose: request.purpose, task)
        fields["jti"] = token.map { .string($0.id) }
        fields["lock"] = policy.lock.map { .string($0.digest.base64) }
        let attestation: Digest
        do throws(LedgerRefusal) {
            attestation = try await gateway.beginHeld(
                run, under: policy, fields: fields, setup: request.setup(task)
            ).leafHash
        } catch {
            try? folders.close(run.run)
            drop(run)
            throw .notRecorded(error.code)
        }
        if let token { attest(run.run, request, by: token) }
        if let session = request.session {
            gateway.deferredCalls.open(run.run, session: session.text)
        }
        egress.widen(run.run, by: request.allowed)
        noteDegradations(of: run, request, policy)
        // The start is on record; a run that was halted meanwhile ends before its command is executed.
        table.withLock { $0.hear(run.run, at: gateway.clock.boot) }
        if table.withLock({ $0[run.run]?.halt }) != nil {
            report(run.run, left: 0)
            try? await end(run.run, SandboxEnd(code: "killed", source: .interlock, exit: 77))
            throw .halted
        }
        try await taint(run, byFilesOf: request, under: policy)
        try await record(request: request.request, of: run)
        return Begun(run: run.run, attestation: attestation, token: token?.token)
    }

    /// Records the user's request, and adds it to what the run's values are compared with. Durable on return. The launcher
    /// states it, so no process of the run can.
    private func record(request: String?, of run: RunContext) async throws(SandboxRefusal) {
        guard let request else { return }
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(
                gateway.records.record(
                    .runInput, run: run, fields: ["src": "user"],
                    sealing: [("text", Array(request.utf8))]))
        } catch {
            try? await end(run.run, SandboxEnd(code: "failed", source: .interlock, exit: 69))
            throw .notRecorded(error.code)
        }
        gateway.index(request: request, of: run)
    }

    /// Waits until a halt stops the run, for about a second at most.
    ///
    /// - Parameter written: the bytes of the workspace's layer, or nil if they were not measured.
    /// - Returns: the halt, or nil if none stops the run now.
    package func follow(
        _ run: RunID, written: Int64? = nil
    ) async throws(SandboxRefusal) -> OrderID? {
        let known = try hear(run)
        if let written { table.withLock { $0.note(written: written, of: run) } }
        if let halt = stopIfHalted(known.run) { return halt }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isWaiting = table.withLock { $0.wait(run) { continuation.resume() } }
            if !isWaiting { continuation.resume() }
        }
        return try hear(run).halt?.order
    }

    /// Decides or records what the supervisor says about one connection of its run.
    package func connection(
        _ message: EgressMessage, of run: RunID
    ) async throws(SandboxRefusal) -> EgressResponse {
        let known = try hear(run)
        let response = await egress.answer(message, of: .run(known.run))
        table.withLock { $0.note(message, response, of: run) }
        return response
    }

    /// Makes the authorizer of a server's child, whose proxy is in the gateway.
    package func authorizer(of child: ServerChild) -> any EgressAuthorizer {
        ChildAuthorizer(egress, child)
    }

    /// Records what a supervisor has seen of the end of a halted run.
    ///
    /// - Parameter left: the number of processes that have not ended.
    package func confirm(_ run: RunID, left: Int) throws(SandboxRefusal) {
        guard table.withLock({ $0[run]?.halt }) != nil else { throw .noSuchRun }
        report(run, left: left)
    }

    /// Ends a run. `run.end` is durable on return.
    ///
    /// - Throws: `notRecorded` if it is not; the service tries again until it is.
    package func end(_ run: RunID, _ end: SandboxEnd) async throws(SandboxRefusal) {
        let isNew = table.withLock { table in
            guard let entry = table[run], entry.end == nil else { return false }
            table.end(run, end)
            return true
        }
        guard isNew else { throw .noSuchRun }
        let entry = table.withLock { $0[run] }
        // A run that ended by itself while a halt stopped it has left nothing either.
        if entry?.halt != nil, entry?.isReported == false, end != .unknown { report(run, left: 0) }
        if let entry { noteHits(of: entry.run, end) }
        if let code = await record(run, end) { throw .notRecorded(code) }
    }

    package func endRuns(
        for halt: OrderID, where isHalted: (RunID, AgentName) -> Bool
    ) -> EndingSandboxes {
        let now = gateway.clock.boot
        let (ending, waiters) = table.withLock { $0.stop(for: halt, at: now, where: isHalted) }
        for waiter in waiters { waiter() }
        return ending
    }

    /// Takes up the runs that the previous process did not end. Their supervisors have the time of a lease to ask.
    package func restore() async throws(StoreFailure) {
        let open = Dictionary(
            gateway.runs.open { _, _ in true }.map { ($0.run, $0.agent) }
        ) { first, _ in first }
        for id in try folders.opened() {
            // The process died before its start was recorded, or after its end was.
            guard let agent = open[id], gateway.ledger.knows(run: id),
                !gateway.ledger.hasEnded(run: id)
            else {
                try folders.close(id)
                continue
            }
            let run = RunContext(run: id, agent: agent, subject: nil)
            gateway.resumeHeld(run)
            _ = table.withLock { $0.add(run, at: gateway.clock.boot, isRestored: true) }
        }
    }

    /// Answers waiting supervisors, ends the runs of silent ones, and records ends that could not be recorded. Called
    /// every second.
    package func sweep() async {
        let now = gateway.clock.boot
        let (waiters, silent, unrecorded) = table.withLock { table in
            (table.takeAllWaiters(), table.silent(at: now), table.unrecorded)
        }
        for waiter in waiters { waiter() }
        for (run, end) in unrecorded { _ = await record(run, end) }
        for run in silent {
            let entry = table.withLock { $0[run] }
            for ending in entry?.endings ?? [] where entry?.isGone != true {
                ending.set(.expired(after: now - (entry?.halt?.since ?? now)), of: run)
            }
            try? await end(run, .unknown)
        }
    }

    /// - Returns: the code of the log's refusal, or nil if the end is durable.
    private func record(_ run: RunID, _ end: SandboxEnd) async -> String? {
        guard let entry = table.withLock({ $0[run] }) else { return nil }
        egress.finish(.run(entry.run))
        gateway.attested.remove(run)
        do throws(LedgerRefusal) {
            try await gateway.endHeld(entry.run, fields: end.fields)
        } catch { return error.code }
        try? folders.close(run)
        let removed = table.withLock { $0.remove(run) }
        for waiter in removed?.waiters ?? [] { waiter() }
        return nil
    }

    func report(_ run: RunID, left: Int) {
        guard let entry = table.withLock({ $0[run] }), let halt = entry.halt else { return }
        table.withLock { $0.setReported(run) }
        let duration = gateway.clock.boot - halt.since
        gateway.ledger.note(
            RecordDraft(
                .killPoint, run: entry.run,
                fields: [
                    "req": .string(halt.order.text), "point": .string("sandbox/\(run.text)"),
                    "dur": .integer(max(0, duration.microseconds)), "left": .integer(Int64(left)),
                ]))
        for ending in entry.endings {
            ending.set(.reported(after: duration, left: left), of: run)
        }
    }

    private func drop(_ run: RunContext) {
        gateway.ports.evals.forget(run.run)
        for ending in table.withLock({ $0.remove(run.run) })?.endings ?? [] {
            ending.set(.reported(after: .zero, left: 0), of: run.run)
        }
    }

    /// Notes that the supervisor of a run asks now.
    func hear(_ run: RunID) throws(SandboxRefusal) -> SandboxTable.Entry {
        let now = gateway.clock.boot
        let known = table.withLock { table in
            table.hear(run, at: now)
            return table[run]
        }
        guard let known, known.end == nil else { throw .noSuchRun }
        return known
    }

    /// Stops a run that a halt of an earlier process matches.
    private func stopIfHalted(_ run: RunContext) -> OrderID? {
        guard let halt = gateway.halt(of: run.agent, run: run.run) else { return nil }
        if let known = table.withLock({ $0[run.run]?.halt }) { return known.order }
        _ = endRuns(for: halt) { id, _ in id == run.run }
        return halt
    }

    /// - Returns: the pseudonym of the owner.
    private func check(
        _ request: SandboxRequest, _ policy: PolicySnapshot
    ) throws(SandboxRefusal) -> Pseudonym {
        guard let agent = policy.agents[request.agent] else { throw .unknownAgent(request.agent) }
        guard policy.digest == request.policy else { throw .otherPolicy }
        guard agent.owner != nil, let owner = gateway.policy.owner(of: request.agent) else {
            throw .noOwner(request.agent)
        }
        guard !gateway.isOverdue(agent, at: gateway.clock.wall) else {
            throw .overdue(request.agent)
        }
        guard agent.tier != .high || request.purpose != nil else { throw .noPurpose(request.agent) }
        guard !request.widens || agent.sandboxSettings.mayBeWidened else {
            throw .notWidened(request.agent)
        }
        guard SandboxEgress.canWiden(agent.sandboxSettings, by: request.allowed) else {
            throw .notWidened(request.agent)
        }
        guard let isolation = SandboxIsolation(rawValue: request.isolation),
            isolation >= agent.sandboxSettings.minimum
        else { throw .belowMinimum(request.agent) }
        if request.kind == .exploratory,
            let found = production.first(
                among: agent.sandboxSettings.secrets.filter { request.secrets.contains($0.name) },
                agent.sandboxSettings.models)
        {
            throw .productionSecret(request.agent, found.entry)
        }
        return owner
    }
}
