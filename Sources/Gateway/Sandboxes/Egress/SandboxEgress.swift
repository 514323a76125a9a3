import InterlockEgress
package import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Decides about the connections of sandboxed runs, and records them (docs/specs/sandbox.md, sections 7 and 12).
///
/// INVARIANT: `decide` is the one place where a connection is decided, from one policy snapshot and the halts in force.
/// A connection is recorded as permitted only by the `PermittedConnection` that it makes, and only after a decision that
/// was made again when everything else was checked. Kept by `SandboxEgressTests`.
package final class SandboxEgress: Sendable {
    struct State {
        /// The policy that `rules` were made from.
        var policy: Digest?
        var rules: [AgentName: EgressRules] = [:]
        var refusals: [RunID: RefusalRecordLimiter] = [:]
        /// The hosts that command lines add, by run.
        var widened: [RunID: [EgressSpec]] = [:]
        /// The runs that were refused a private address, of which people know.
        var alerted: Set<RunID> = []
    }

    let gateway: Gateway
    private let isReloadRefused: @Sendable () -> Bool
    let state = Mutex(State())

    /// - Parameter isReloadRefused: whether the files of the policy have an error, so that what is in force is not what
    ///   they state.
    package init(gateway: Gateway, isReloadRefused: @escaping @Sendable () -> Bool) {
        self.gateway = gateway
        self.isReloadRefused = isReloadRefused
    }

    /// A connection that the policy permits; only `decide` makes it.
    struct PermittedConnection {
        let run: RunContext
        let call: CallID
        let asked: EgressDestination
        let rule: EgressRule
        let policy: PolicySnapshot

        fileprivate init(
            run: RunContext, call: CallID, asked: EgressDestination, rule: EgressRule,
            policy: PolicySnapshot
        ) {
            self.run = run
            self.call = call
            self.asked = asked
            self.rule = rule
            self.policy = policy
        }
    }

    func answer(_ message: EgressMessage, of run: RunContext) async -> EgressResponse {
        // Reads the key of the run's payloads if the gateway was restarted.
        await gateway.runs.prepare(run.run)
        switch (message.content, message.asked) {
        case (.decide, let asked?): return admit(message.call, asked, of: run)
        case (.connect(let addresses, let hasEncryptedHello, let prompt), let asked?):
            return await connect(
                message.call, asked, of: run, to: addresses, hasEncryptedHello: hasEncryptedHello,
                prompt)
        case (.resolved(let answers, let rule, let milliseconds), let asked?):
            noteLookup(
                message.call, asked.target.host, answers, rule: rule, milliseconds, of: run)
            return .done
        case (.refused(let reason), let asked):
            return refuse(reason, message.call, asked, of: run)
        case (.closed(let end), _):
            noteEnd(end, of: message.call, run)
            return .done
        case (.decide, nil), (.connect, nil), (.resolved, nil): return .refused(.badRequest)
        }
    }

    /// Forgets a run, whose end is about to be recorded.
    func finish(_ run: RunContext) {
        let summary = state.withLock { state in
            state.widened[run.run] = nil
            state.alerted.remove(run.run)
            return state.refusals.removeValue(forKey: run.run)
        }
        guard let rest = summary?.rest else { return }
        noteRefusal(rest.reason, gateway.newID(), nil, counting: rest.count, of: run)
    }

    /// Decides from one snapshot, without a look-up.
    private func decide(
        _ call: CallID, _ asked: EgressDestination, of run: RunContext
    ) throws(EgressRefusal) -> PermittedConnection {
        let snapshot = gateway.policy.snapshot(for: run.agent)
        var policy = EgressPolicy(
            isReloadRefused() ? nil : rules(of: run, in: snapshot))
        policy.isHalted = isHalted(run)
        let rule = try policy.decide(asked.target, asked.access, model: asked.model)
        return PermittedConnection(
            run: run, call: call, asked: asked, rule: rule, policy: snapshot)
    }

    private func admit(_ call: CallID, _ asked: EgressDestination, of run: RunContext)
        -> EgressResponse
    {
        guard gateway.admitsConnection(of: run.agent) else {
            return refuse(.limit, call, asked, of: run)
        }
        do throws(EgressRefusal) {
            return .admitted(try decide(call, asked, of: run).rule)
        } catch { return refuse(error.reason, call, asked, of: run) }
    }

    /// Decides again, now that the names and the ClientHello were checked, and records the permission.
    private func connect(
        _ call: CallID, _ asked: EgressDestination, of run: RunContext, to addresses: [IPAddress],
        hasEncryptedHello: Bool, _ prompt: ModelPrompt?
    ) async -> EgressResponse {
        let permitted: PermittedConnection
        do throws(EgressRefusal) { permitted = try decide(call, asked, of: run) } catch {
            return refuse(error.reason, call, asked, of: run)
        }
        let record = record(
            of: permitted, to: addresses, hasEncryptedHello: hasEncryptedHello, prompt)
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(record) } catch {
            gateway.countRefusedConnection(
                of: run.agent, code: EgressReason.auditUnavailable.code)
            return .refused(.auditUnavailable)
        }
        // A halt during the flush must be seen before anything is sent.
        guard !isHalted(run) else {
            noteEnd(.unused, of: call, run)
            return .refused(.halted)
        }
        gateway.observe(connectionTo: "\(asked.target.host)", in: run)
        return .done
    }

    private func refuse(
        _ reason: EgressReason, _ call: CallID, _ asked: EgressDestination?, of run: RunContext
    ) -> EgressResponse {
        gateway.countRefusedConnection(of: run.agent, code: reason.code)
        let now = gateway.clock.boot
        let count = state.withLock {
            $0.refusals[run.run, default: RefusalRecordLimiter()].take(reason, at: now)
        }
        if let count { noteRefusal(reason, call, asked, counting: count, of: run) }
        if reason == .privateAddress, state.withLock({ $0.alerted.insert(run.run).inserted }) {
            gateway.raise(
                alarm: "net.private_address", subject: run.run.text, about: run.agent)
        }
        return .refused(reason)
    }

    /// - Returns: nil if the agent has none that can be kept, or may not run now.
    private func rules(of run: RunContext, in policy: PolicySnapshot) -> EgressRules? {
        let agent = run.agent
        guard let entry = policy.agents[agent], !entry.isOverdue(at: gateway.clock.wall) else {
            return nil
        }
        // A reload that forbids to widen reaches the next connection too.
        let added = state.withLock { $0.widened[run.run] }
        if let added, entry.sandboxSettings.mayBeWidened {
            var settings = entry.sandboxSettings
            settings.widen(by: added)
            return try? EgressRules(settings)
        }
        return state.withLock { state in
            if state.policy != policy.digest {
                state.policy = policy.digest
                state.rules = [:]
            }
            if let known = state.rules[agent] { return known }
            let made = try? EgressRules(entry.sandboxSettings)
            state.rules[agent] = made
            return made
        }
    }

    private func isHalted(_ run: RunContext) -> Bool {
        gateway.halt(of: run.agent, run: run.run) != nil
    }
}

/// Limits the records of refused connections of one run, so that it cannot fill the log: many refusals in a second are
/// one record.
struct RefusalRecordLimiter {
    /// The most records in a second.
    static let most = 20
    private static let window = Duration.seconds(1)

    private var since: BootTime?
    private var recorded = 0
    private var unrecorded = 0
    private var last = EgressReason.noRule

    /// Counts a refusal.
    ///
    /// - Returns: the number of refusals that its record counts, or nil if it gets no record now.
    mutating func take(_ reason: EgressReason, at now: BootTime) -> Int? {
        if since.map({ now - $0 >= Self.window }) ?? true {
            since = now
            recorded = 0
        }
        guard recorded < Self.most else {
            unrecorded += 1
            last = reason
            return nil
        }
        recorded += 1
        defer { unrecorded = 0 }
        return unrecorded + 1
    }

    /// The refusals without a record, and the reason of the last; nil if there are none.
    var rest: (count: Int, reason: EgressReason)? { unrecorded > 0 ? (unrecorded, last) : nil }
}
