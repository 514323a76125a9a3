package import InterlockJSON
package import InterlockModel
package import InterlockSafety
import Synchronization

/// The text that runs have read from tools with the effect `sensitive_data`, of agents whose policy has `taint`
/// (docs/specs/output-safety.md, section 7). It is in memory alone.
///
/// INVARIANT: what such a tool brings is here before it can reach its run, or every text of the run that is not of its
/// request counts as sensitive. Kept by `SideChannelCallTests`.
package final class SensitiveRuns: Sendable {
    /// The most runs that are remembered at a time. In a further run, every text is sensitive.
    package static let most = 1 << 16
    /// The most stretches of all runs, each of at most 22 bytes: 180 MiB. Beyond it, the texts of each run to which
    /// something would be added are incomplete. A quarter of it is the most of the runs of one agent, whose further runs
    /// are incomplete alone.
    package static let mostStretches = 1 << 23

    private final class RunText: Sendable {
        struct Known {
            var text: SensitiveText
            var isRemoved = false
        }
        let state: Mutex<Known>
        /// The stretches of all runs of the agent.
        let share: Share
        init(_ text: SensitiveText, _ share: Share) {
            state = Mutex(Known(text: text))
            self.share = share
        }
    }
    private final class Share: Sendable { let stretches = Atomic<Int>(0) }
    private struct State {
        var runs: [RunID: RunText] = [:]
        /// One for each agent that had a run.
        var shares: [AgentName: Share] = [:]
        /// Random words of this process, made for the first run.
        var key: (UInt64, UInt64)?
        /// True once there was no room for a run. What it read is lost also if there is room later, and it is not known
        /// which run it was, so no run that begins after that is complete.
        var isFull = false
    }
    private let state = Mutex(State())
    private let stretches = Atomic<Int>(0)
    private let most: Int
    private let mostStretches: Int

    /// - Parameters:
    ///   - most: the most runs that are remembered at a time.
    ///   - mostStretches: the most stretches of all runs.
    package init(
        most: Int = SensitiveRuns.most, mostStretches: Int = SensitiveRuns.mostStretches
    ) {
        (self.most, self.mostStretches) = (most, mostStretches)
    }

    /// Changes the text of a run, which begins here if it is new.
    ///
    /// - Parameter isUnknown: true if the run may have read sensitive text that is not here.
    package func update(
        _ run: RunID, of agent: AgentName, _ entropy: any Entropy, isUnknown: Bool,
        _ body: (inout SensitiveText) -> Void
    ) {
        guard let found = found(run, of: agent, entropy) else { return }
        change(found.text, isUnknown: isUnknown, body)
    }

    /// Adds what a tool of a server brought. The run's text is locked for a part of the content at a time.
    ///
    /// - Parameter isUnknown: true if the run may have read sensitive text that is not here.
    package func add(
        _ content: JSONValue, of server: ServerName, to run: RunID, of agent: AgentName,
        _ entropy: any Entropy, isUnknown: Bool
    ) {
        guard let found = found(run, of: agent, entropy) else { return }
        let stretches = SensitiveText(key: found.key).stretches(of: content)
        for part in stretches.parts {
            change(found.text, isUnknown: isUnknown) { $0.add(part, of: server) }
        }
    }

    private struct Found: Sendable {
        let text: RunText
        let key: (UInt64, UInt64)
    }

    /// Returns the text of a run, which begins here if it is new; nil if there is no room.
    private func found(_ run: RunID, of agent: AgentName, _ entropy: any Entropy) -> Found? {
        state.withLock { state -> Found? in
            let key = state.key ?? entropy.hashKey()
            state.key = key
            if let known = state.runs[run] { return Found(text: known, key: key) }
            guard state.runs.count < most else {
                state.isFull = true
                return nil
            }
            var text = SensitiveText(key: key)
            if state.isFull { text.lose() }
            let share = state.shares[agent] ?? Share()
            state.shares[agent] = share
            let made = RunText(text, share)
            state.runs[run] = made
            return Found(text: made, key: key)
        }
    }

    private func change(
        _ text: RunText, isUnknown: Bool, _ body: (inout SensitiveText) -> Void
    ) {
        text.state.withLock { known in
            guard !known.isRemoved else { return }
            if isUnknown { known.text.lose() }
            guard stretches.load(ordering: .relaxed) < mostStretches,
                text.share.stretches.load(ordering: .relaxed) < mostStretches / 4
            else { return known.text.lose() }
            let before = known.text.count
            body(&known.text)
            stretches.add(known.text.count - before, ordering: .relaxed)
            text.share.stretches.add(known.text.count - before, ordering: .relaxed)
        }
    }

    /// Returns false if the run has certainly read nothing of a sensitive tool.
    ///
    /// - Parameter isUnknown: true if the run may have read sensitive text that is not here.
    package func mayHaveText(of run: RunID, isUnknown: Bool) -> Bool {
        guard !isUnknown else { return true }
        let (found, isFull) = state.withLock { ($0.runs[run], $0.isFull) }
        guard let found else { return isFull }
        return found.state.withLock { $0.text.mayHaveText }
    }

    /// Returns true if one of the texts has something that the run has read from a sensitive tool of another server.
    ///
    /// - Parameter isUnknown: true if the run may have read sensitive text that is not here.
    package func isAny(
        of texts: [String], in run: RunID, sentTo server: ServerName, isUnknown: Bool
    ) -> Bool {
        guard !texts.isEmpty else { return false }
        let (found, isFull) = state.withLock { ($0.runs[run], $0.isFull) }
        guard let found else {
            // It is not known whether this is a run for which there was no room.
            guard isFull || isUnknown else { return false }
            var unknown = SensitiveText(key: (0, 0))
            unknown.lose()
            return texts.contains { unknown.isIn($0, sentTo: server) }
        }
        return found.state.withLock { known in
            if isUnknown { known.text.lose() }
            return texts.contains { known.text.isIn($0, sentTo: server) }
        }
    }

    /// Called once nothing of the run is open.
    package func remove(_ run: RunID) {
        let removed = state.withLock { $0.runs.removeValue(forKey: run) }
        removed?.state.withLock { known in
            known.isRemoved = true
            stretches.subtract(known.text.count, ordering: .relaxed)
            removed?.share.stretches.subtract(known.text.count, ordering: .relaxed)
        }
    }
}
