import InterlockEgress
package import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Decides about the connections of sandboxed runs and of servers' children, and records them (docs/specs/sandbox.md, sections 7 and 12).
///
/// INVARIANT: `decide` is the one place where a connection is decided, from one policy snapshot, the halts in force and
/// the change gate. A connection is recorded as permitted only by the `PermittedConnection` that it makes, and only after
/// a decision that was made when everything else was checked, at first or again; and only with the `SearchedConnection`
/// of a search in what it would send. Kept by `SandboxEgressTests`, `ConnectionSearchTests`, `ConnectionGateTests`.
package final class SandboxEgress: Sendable {
    struct State {
        /// The policy that `rules` were made from.
        var policy: Digest?
        var rules: [AgentName: EgressRules] = [:]
        var serverRules: [ServerName: EgressRules] = [:]
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
        let source: EgressSource
        let call: CallID
        let asked: EgressDestination
        let rule: EgressRule
        let policy: PolicySnapshot

        fileprivate init(
            source: EgressSource, call: CallID, asked: EgressDestination, rule: EgressRule,
            policy: PolicySnapshot
        ) {
            self.source = source
            self.call = call
            self.asked = asked
            self.rule = rule
            self.policy = policy
        }
    }

    func answer(_ message: EgressMessage, of source: EgressSource) async -> EgressResponse {
        // Reads the key of the run's payloads if the gateway was restarted.
        if let run = source.run { await gateway.runs.prepare(run.run) }
        switch (message.content, message.asked) {
        case (.decide, let asked?): return await admit(message.call, asked, of: source)
        case (.open, let asked?): return await open(message.call, asked, of: source)
        case (.connect(let addresses, let hasEncryptedHello, let content), let asked?):
            return await connect(
                message.call, asked, of: source, to: addresses,
                hasEncryptedHello: hasEncryptedHello, content)
        case (.resolved(let answers, let rule, let milliseconds), let asked?):
            noteLookup(
                message.call, asked.target.host, answers, rule: rule, milliseconds, of: source)
            return .done
        case (.refused(let reason), let asked):
            return refuse(reason, message.call, asked, of: source)
        case (.closed(let end), _):
            noteEnd(end, of: message.call, source)
            return .done
        case (.decide, nil), (.open, nil), (.connect, nil), (.resolved, nil):
            return .refused(.badRequest)
        }
    }

    /// Records a look-up.
    func note(
        _ answers: [IPAddress], of asked: EgressDestination, call: CallID, rule: String,
        milliseconds: Int64, _ source: EgressSource
    ) { noteLookup(call, asked.target.host, answers, rule: rule, milliseconds, of: source) }

    /// Forgets a sandbox, whose end is about to be recorded.
    func finish(_ source: EgressSource) {
        let summary = state.withLock { state in
            if let run = source.run {
                state.widened[run.run] = nil
                state.alerted.remove(run.run)
            }
            return state.refusals.removeValue(forKey: source.id)
        }
        guard let rest = summary?.rest else { return }
        noteRefusal(rest.reason, gateway.newID(), nil, counting: rest.count, of: source)
    }

    /// Decides from one snapshot, without a look-up.
    private func decide(
        _ call: CallID, _ asked: EgressDestination, of source: EgressSource
    ) throws(EgressRefusal) -> PermittedConnection {
        let snapshot = self.snapshot(for: source)
        var policy = EgressPolicy(isReloadRefused() ? nil : rules(of: source, in: snapshot))
        policy.isHalted = isHalted(source)
        let rule = try policy.decide(asked.target, asked.access, model: asked.model)
        if isRefusedByGate(source, under: snapshot) {
            throw EgressRefusal(.evals, "the change gate refuses it")
        }
        return PermittedConnection(
            source: source, call: call, asked: asked, rule: rule, policy: snapshot)
    }

    /// Decides whether a name may be looked up: the look-up alone sends it out.
    private func admit(
        _ call: CallID, _ asked: EgressDestination, of source: EgressSource
    ) async -> EgressResponse {
        guard admits(source) else {
            return refuse(.limit, call, asked, of: source)
        }
        let permitted: PermittedConnection
        do throws(EgressRefusal) { permitted = try decide(call, asked, of: source) } catch {
            return refuse(error.reason, call, asked, of: source)
        }
        if let refusal = await refusal(ofNameIn: permitted) { return refuse(refusal, permitted) }
        return .admitted(permitted.rule)
    }

    /// Decides about an address and records the permission. Nothing is checked outside between the two, so one decision
    /// is as new as the second one of `connect`.
    private func open(
        _ call: CallID, _ asked: EgressDestination, of source: EgressSource
    ) async -> EgressResponse {
        guard admits(source) else { return refuse(.limit, call, asked, of: source) }
        let permitted: PermittedConnection
        let checked: CheckedAddresses
        do throws(EgressRefusal) {
            permitted = try decide(call, asked, of: source)
            guard let address = asked.target.host.address, permitted.rule.transport != .tls,
                asked.access == .tunnel || source.run == nil
            else {
                throw EgressRefusal(.badRequest, "only a tunnel to an address is opened at once")
            }
            checked = try CheckedAddresses([address], allowsPrivate: permitted.rule.allowsPrivate)
        } catch { return refuse(error.reason, call, asked, of: source) }
        let searched: SearchedConnection
        switch await search(permitted, .unread) {
        case .success(let found): searched = found
        case .failure(let refusal): return refuse(refusal, permitted)
        }
        let reason = await permit(searched, to: checked.addresses)
        return reason.map { .refused($0) } ?? .opened(permitted.rule)
    }

    /// Decides again, now that the names and the ClientHello were checked, searches what would be sent, and records the
    /// permission.
    private func connect(
        _ call: CallID, _ asked: EgressDestination, of source: EgressSource,
        to addresses: [IPAddress], hasEncryptedHello: Bool, _ content: EgressContent
    ) async -> EgressResponse {
        let searched: SearchedConnection
        do throws(EgressRefusal) {
            let first = try decide(call, asked, of: source)
            let found: SearchedConnection
            switch await search(first, content) {
            case .success(let clean): found = clean
            case .failure(let refusal): return refuse(refusal, first)
            }
            // A policy or a halt may have come into force during the search.
            let later = try decide(call, asked, of: source)
            guard let again = found.decided(again: later) else {
                throw EgressRefusal(.noRule, "the rule has changed")
            }
            searched = again
        } catch { return refuse(error.reason, call, asked, of: source) }
        let reason = await permit(
            searched, to: addresses, hasEncryptedHello: hasEncryptedHello)
        return reason.map { .refused($0) } ?? .done
    }

    /// Records the permission.
    ///
    /// - Returns: nil once it is durable, otherwise the reason why the connection is refused after all.
    private func permit(
        _ searched: SearchedConnection, to addresses: [IPAddress], hasEncryptedHello: Bool = false
    ) async -> EgressReason? {
        let permitted = searched.permitted
        let source = permitted.source
        let record = record(of: searched, to: addresses, hasEncryptedHello: hasEncryptedHello)
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(record) } catch {
            count(refusedBy: .auditUnavailable, source)
            return .auditUnavailable
        }
        // A halt during the flush must be seen before anything is sent.
        guard !isHalted(source) else {
            noteEnd(.unused, of: permitted.call, source)
            return .halted
        }
        // So must a result of evals that was replaced, or became too old.
        guard !isRefusedByGate(source, under: snapshot(for: source)) else {
            noteEnd(.unused, of: permitted.call, source)
            return .evals
        }
        if let run = source.run {
            gateway.observe(connectionTo: "\(permitted.asked.target.host)", in: run)
        }
        return nil
    }

    /// Refuses what must not be sent, and notifies people once the refusal is noted.
    private func refuse(
        _ refusal: ContentRefusal, _ permitted: PermittedConnection
    ) -> EgressResponse {
        let response = refuse(
            refusal.reason, permitted.call, permitted.asked, of: permitted.source,
            isNamed: refusal.finding != nil)
        if let finding = refusal.finding, let run = permitted.source.run {
            gateway.alarm(
                connection: permitted.call, of: run, finding, under: permitted.policy.digest)
        }
        return response
    }

    /// - Parameter isNamed: true if an alert has the id of the refused connection, which then has a record of its own.
    private func refuse(
        _ reason: EgressReason, _ call: CallID, _ asked: EgressDestination?,
        of source: EgressSource, isNamed: Bool = false
    ) -> EgressResponse {
        self.count(refusedBy: reason, source)
        let now = gateway.clock.boot
        let count =
            isNamed
            ? 1
            : state.withLock {
                $0.refusals[source.id, default: RefusalRecordLimiter()].take(reason, at: now)
            }
        if let count { noteRefusal(reason, call, asked, counting: count, of: source) }
        if let run = source.run, reason == .privateAddress,
            state.withLock({ $0.alerted.insert(run.run).inserted })
        {
            gateway.raise(
                alarm: "net.private_address", subject: run.run.text, about: run.agent)
        }
        return .refused(reason)
    }

    /// The policy by which connections of a sandbox are decided.
    func snapshot(for source: EgressSource) -> PolicySnapshot {
        switch source {
        case .run(let run): gateway.policy.snapshot(for: run.agent)
        case .child: gateway.policy.snapshot
        }
    }

    /// - Returns: nil if there are none that can be kept, or if nothing of it may run now.
    private func rules(of source: EgressSource, in policy: PolicySnapshot) -> EgressRules? {
        switch source {
        case .run(let run):
            guard let entry = policy.agents[run.agent],
                !gateway.isOverdue(entry, at: gateway.clock.wall)
            else { return nil }
            // A reload that forbids to widen reaches the next connection too.
            let added = state.withLock { $0.widened[run.run] }
            if let added, entry.sandboxSettings.mayBeWidened {
                var settings = entry.sandboxSettings
                settings.widen(by: added)
                return try? EgressRules(settings)
            }
            return known(\.rules, run.agent, policy) { try? EgressRules(entry.sandboxSettings) }
        case .child(let child):
            guard let entry = policy.servers[child.server], entry.isChild else { return nil }
            return known(\.serverRules, child.server, policy) { try? EgressRules(entry.sandbox) }
        }
    }

    /// Returns the rules that were made from a policy, which are made once.
    private func known<Key: Hashable>(
        _ table: WritableKeyPath<State, [Key: EgressRules]>, _ key: Key, _ policy: PolicySnapshot,
        _ make: () -> EgressRules?
    ) -> EgressRules? {
        state.withLock { state in
            if state.policy != policy.digest {
                state.policy = policy.digest
                state.rules = [:]
                state.serverRules = [:]
            }
            if let known = state[keyPath: table][key] { return known }
            let made = make()
            state[keyPath: table][key] = made
            return made
        }
    }

    private func admits(_ source: EgressSource) -> Bool {
        switch source {
        case .run(let run): gateway.admitsConnection(of: run.agent)
        case .child(let child): gateway.admitsConnection(of: child.server)
        }
    }

    /// Counts a refusal in the figures of the agent; a server's child acts for none.
    private func count(refusedBy reason: EgressReason, _ source: EgressSource) {
        guard let run = source.run else { return }
        gateway.countRefusedConnection(of: run.agent, code: reason.code)
    }

    /// Returns true for a run whose calls the change gate would refuse. A server's child acts for calls that passed it.
    private func isRefusedByGate(
        _ source: EgressSource, under policy: PolicySnapshot
    ) -> Bool {
        guard let run = source.run else { return false }
        return gateway.evalRefusal(ofConnection: run, under: policy) != nil
    }

    private func isHalted(_ source: EgressSource) -> Bool {
        switch source {
        case .run(let run): gateway.halt(of: run.agent, run: run.run) != nil
        case .child(let child):
            gateway.halts.halts.stops(child.server)
                || child.agent.map { gateway.halt(of: $0) != nil } ?? false
        }
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
