import InterlockJSON
package import InterlockModel
package import InterlockMonitoring
import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Monitors the activity of agents. Observing a call costs a lookup and a few additions; learned series are evaluated
/// when a window ends, by the caller of `sweep`. What a call names for the first time is a fact of its decision
/// (`alarm`); nothing else here concerns a decision, and nothing waits for it.
///
/// INVARIANT: a spike, denials, a first use, activity outside hours and a long run raise their alert once. Kept by
/// `MonitorTests`, `test_alerts.py`.
package final class AgentMonitorService: Sendable {
    /// A detection; the gateway raises an alert for it.
    enum Detection: Sendable {
        case signal(WatchedSignal, AgentName, RunID?, tool: ToolAddress?, detail: String?)
        case learned(LearnedAlert, AgentName, AlertBudget.Verdict)
    }
    package let plan: MonitorPlan
    let state = Mutex(MonitorState())

    /// The least time between two alerts that an agent acts outside its hours.
    static let interval: Duration = .seconds(3_600)
    static let mostAgents = 100_000

    package init(_ plan: MonitorPlan) { self.plan = plan }

    /// Returns whether the alert of this signal is delivered, and not only recorded.
    func delivers(_ signal: WatchedSignal) -> Bool { plan.told.contains(signal) }

    /// One call, observed when its end is recorded.
    struct ObservedCall: Sendable {
        let agent: AgentName
        let run: RunID
        let address: ToolAddress
        let arguments: JSONValue
        /// The size of the result in bytes, as the agent received it.
        let bytesOut: Int
        let isOutsideHours: Bool
    }

    func observe(_ call: ObservedCall, at now: ClockReading) -> [Detection] {
        let traits = ArgumentTraits(call.arguments, recipient: plan.recipients[call.address])
        return state.withLock { state in
            state.count(call.agent, plan, now) { monitor in
                monitor.observe(.calls)
                monitor.observe(.bytesOut, call.bytesOut)
                for recipient in traits.recipients {
                    monitor.observe(recipient: UInt64(bitPattern: Int64(recipient.hashValue)))
                }
            }
            state.runs.note(call.run, of: call.agent, at: now)
            var found = state.firstUses(call, traits)
            if call.isOutsideHours, state.isNews(outside: call.agent, now) {
                found.append(.signal(.outsideHours, call.agent, call.run, tool: nil, detail: nil))
            }
            return found
        }
    }

    /// Returns the signal that a call would raise and that a person must approve first: it names a recipient that its agent
    /// never named to an executed call, or more recipients than are compared.
    ///
    /// - Parameter stage: the stage at which the call is decided; at `trusted`, a first use only raises its alert.
    func alarm(
        of request: DecisionRequest, at stage: TrustStage
    ) -> DecisionFacts.ApprovalSignal? {
        guard let path = plan.recipients[request.address], stage != .trusted else { return nil }
        let recipients = ArgumentTraits.recipients(in: request.arguments, at: path)
        if recipients.count >= ArgumentTraits.mostRecipients { return .firstRecipient }
        let isKnown = state.withLock { state in
            recipients.allSatisfy { recipient in
                state.uses.has(
                    .firstRecipient, of: request.agent, hash: recipient.hashValue, recipient)
            }
        }
        return isKnown ? nil : .firstRecipient
    }

    /// - Parameters:
    ///   - isCounted: false for a call that waits for people or that the change gate refused.
    ///   - isOutsideHours: whether the refusal was more than an hour outside the agent's hours.
    func observe(
        denialOf agent: AgentName, _ run: RunID?, isCounted: Bool, isOutsideHours: Bool,
        at now: ClockReading
    ) -> [Detection] {
        state.withLock { state in
            if isCounted { state.count(agent, plan, now) { $0.observe(.denials) } }
            if let run { state.runs.note(run, of: agent, at: now) }
            guard isOutsideHours, state.isNews(outside: agent, now) else { return [] }
            return [.signal(.outsideHours, agent, run, tool: nil, detail: nil)]
        }
    }

    /// Returns whether the agent names this host for the first time, and remembers it.
    func isFirst(host: String, of agent: AgentName) -> Bool {
        state.withLock {
            $0.uses.isFirst(.firstHost, of: agent, hash: host.hashValue) { host }
        }
    }

    /// Called every second. Ends the windows that are complete, for a sixtieth of the agents each time.
    func sweep(at now: ClockReading, isHeld: (AgentName) -> Bool) -> [Detection] {
        let second = now.boot.microseconds / 1_000_000
        let passed = state.withLock { state in
            defer { state.swept = second }
            return min(60, max(0, second - (state.swept ?? second)))
        }
        var found: [Detection] = []
        for late in 0..<passed {
            let place = Int((second - late) % 60)
            for name in state.withLock({ $0.seconds[place] }) {
                let isHeld = isHeld(name)
                found += state.withLock { $0.close(name, place, isHeld: isHeld, at: now) }
            }
            if place == 0 { found += longRuns(at: now) }
        }
        return found
    }

    /// Restarts the learning of a series whose alert a person found to be expected.
    package func startOver(_ series: MonitoredSeries, of agent: AgentName) {
        state.withLock { $0.startOver(series, of: agent) }
    }

    /// Returns whether a call of this tool by this agent was ever observed, as far as it is remembered.
    package func hasUsed(_ tool: ToolAddress, _ agent: AgentName) -> Bool {
        state.withLock { $0.uses.has(.firstTool, of: agent, hash: tool.hashValue, tool.wireName) }
    }

    private func longRuns(at now: ClockReading) -> [Detection] {
        state.withLock { $0.runs.long(cap: plan.longRun, at: now.boot) }.map { long in
            .signal(
                .longRun, long.agent, long.run, tool: nil,
                detail: "\(long.length.components.seconds / 60) min")
        }
    }
}

extension AgentMonitorService {
    /// Restores the uses that were observed before this process.
    ///
    /// - Parameter digest: a keyed digest function, so that a digest reveals nothing about its input.
    package func restore(
        from store: any SightingStore, digest: @escaping @Sendable ([UInt8]) -> Digest
    ) async throws(StoreFailure) {
        let known = try await store.sightings(most: FirstUseDetector.most)
        state.withLock { state in
            state.uses.restore(known)
            state.uses.digest = digest
        }
    }

    /// Called every second. Uses that a crash loses are reported as new once more.
    package func keepSightings(in store: any SightingStore) async throws(StoreFailure) {
        let unkept = state.withLock { $0.uses.takeUnkept() }
        guard !unkept.isEmpty else { return }
        do throws(StoreFailure) { try await store.keep(sightings: unkept) } catch {
            state.withLock { $0.uses.giveBack(unkept) }
            throw error
        }
    }
}

/// The configuration of monitoring (`detectors`).
package struct MonitorPlan: Sendable {
    package var detectors = DetectorSettings()
    /// The signals that are delivered to people; all others are only recorded.
    package var told: Set<WatchedSignal> = Set(WatchedSignal.allCases.filter { $0.usual == .alert })
    /// The least length of a long run; the 99th percentile of the agent's runs applies if it is longer.
    package var longRun: Duration = .seconds(4 * 3_600)
    /// The path to the recipients in a tool's arguments.
    package var recipients: [ToolAddress: [String]] = [:]

    package init() {}
}
