package import InterlockModel
import Synchronization

/// The runs that have read content of untrusted sources (docs/specs/output-safety.md, section 7): of servers that are not
/// internal, of tools that the policy declares untrusted, and of tools with untrusted fields. A run stays here to its
/// end, and its level never falls.
///
/// INVARIANT: a run is here before anything that such a source sends during a call can reach it, and is hostile before
/// a text with a marker, or one that is not searched for markers, can; after a restart also if any of it may have
/// reached it before. Without room for one more run, every run counts as hostile. Kept by `TaintedRunsTests`,
/// `TaintedCallTests`, `MarkedAnswerTests`, `HookMarkerTests`.
///
/// A read whose content is not known yet is awaited: its run counts as its worst outcome until it is settled. That alone
/// can end again; no outcome has it as the level of the run.
package final class TaintedRuns: Sendable {
    /// The most runs that are remembered at a time.
    package static let most = 1 << 16
    /// The most runs of which the passage that raised the level is kept.
    private static let mostPassages = 1 << 12

    private struct State {
        var runs: [RunID: RunTaint] = [:]
        /// The read of a run for which there was no room; every run counts from then on.
        var overflow: RunTaint?
        var passages = 0
        /// The reads of each run whose content is not known yet, with the level if it is the worst.
        var awaited: [RunID: [CallID: AwaitedRead]] = [:]
        /// The runs that await the read of another one, which they follow.
        var followers: [CallID: [RunID]] = [:]
        /// The levels of runs that no call brought, and that are not on record yet.
        var unrecorded: [RunID: TaintLevel] = [:]
        var recent = RecentTaint()
        /// The runs that have read values of outsiders without a text.
        var valued: Set<RunID> = []

        func settled(_ run: RunID) -> RunTaint? {
            guard let known = runs[run], let overflow else { return runs[run] ?? overflow }
            return known.level < overflow.level
                ? RunTaint(first: known.first, level: overflow.level) : known
        }

        /// - Parameter mark: its passage is kept if there is room for one more.
        mutating func put(
            _ run: RunID, _ first: UntrustedRead, _ level: TaintLevel, _ mark: MarkedRead?,
            most: Int
        ) {
            guard runs[run] != nil || runs.count < most else {
                overflow = overflow ?? RunTaint(first: first, level: .hostile)
                return
            }
            var mark = mark
            if mark?.passage != nil {
                if passages < TaintedRuns.mostPassages {
                    passages += 1
                } else {
                    mark = mark?.withoutPassage
                }
            }
            runs[run] = RunTaint(first: first, level: level, mark: mark)
        }

        /// - Returns: false if the run does not await the read.
        mutating func settle(
            _ call: CallID, in run: RunID, as level: TaintLevel, most: Int
        ) -> Bool {
            guard let ended = awaited[run]?.removeValue(forKey: call) else { return false }
            if awaited[run]?.isEmpty == true { awaited[run] = nil }
            let known = runs[run]
            if level > (known?.level ?? .clean) {
                put(run, known?.first ?? ended.read, level, nil, most: most)
            }
            return true
        }
    }
    /// A read whose content is not known yet.
    private struct AwaitedRead {
        let read: UntrustedRead
        let worst: TaintLevel
    }
    private let state = Mutex(State())
    private let most: Int

    /// - Parameter most: the most runs that are remembered at a time.
    package init(most: Int = TaintedRuns.most) { self.most = most }

    /// Returns the level that counts for decisions; nil if the run has read no untrusted content, and awaits none.
    package func taint(of run: RunID) -> RunTaint? {
        state.withLock { state -> RunTaint? in
            let settled = state.settled(run)
            let worst = state.awaited[run]?.values.max { $0.worst < $1.worst }
            guard let worst, worst.worst > (settled?.level ?? .clean) else { return settled }
            return RunTaint(first: settled?.first ?? worst.read, level: worst.worst)
        }
    }

    package func level(of run: RunID) -> TaintLevel { taint(of: run)?.level ?? .clean }

    /// The level without awaited reads, which never falls. Outcomes have it.
    package func settledLevel(of run: RunID) -> TaintLevel {
        state.withLock { $0.settled(run)?.level ?? .clean }
    }

    /// Counts a run as `worst` until the read is settled. Without room, that is its level at once.
    func expect(_ read: UntrustedRead, of call: CallID, in run: RunID, worst: TaintLevel) {
        let hasRoom = state.withLock { state in
            guard state.awaited[run] != nil || state.awaited.count < most else { return false }
            state.awaited[run, default: [:]][call] = AwaitedRead(read: read, worst: worst)
            return true
        }
        if !hasRoom { add(run, read, level: worst) }
    }

    /// Ends the wait for a read, whose content is known, and takes its level. Does nothing for a read that is not awaited.
    ///
    /// - Parameter level: the level by the content; `clean` changes nothing.
    func settle(_ call: CallID, in run: RunID, as level: TaintLevel) {
        state.withLock { state in
            guard state.settle(call, in: run, as: level, most: most) else { return }
            let followers = state.followers.removeValue(forKey: call) ?? []
            // A marker in the content has made the run itself hostile.
            let reached = max(level, state.settled(run)?.level ?? .clean)
            for follower in followers {
                _ = state.settle(call, in: follower, as: reached, most: most)
            }
        }
    }

    /// Lets a run await each read that another one awaits now: its content counts for both.
    func follow(_ other: RunID, by run: RunID) {
        state.withLock { state in
            for (call, awaited) in state.awaited[other] ?? [:]
            where state.awaited[run]?[call] == nil {
                guard state.awaited[run] != nil || state.awaited.count < most else {
                    state.put(run, awaited.read, awaited.worst, nil, most: most)
                    continue
                }
                state.awaited[run, default: [:]][call] = awaited
                state.followers[call, default: []].append(run)
            }
        }
    }

    /// Takes content that no call brought. `record` must follow its record.
    ///
    /// - Returns: the level that must be on record before the content is let through; nil if that is so.
    func addUncalled(_ run: RunID, _ read: UntrustedRead, level: TaintLevel) -> TaintLevel? {
        state.withLock { state -> TaintLevel? in
            let known = state.runs[run]
            let earlier = state.settled(run)?.level ?? .clean
            if level > (known?.level ?? .clean) {
                state.put(run, known?.first ?? read, level, nil, most: most)
            }
            // An earlier event may wait for the same record, or the log may have refused it.
            guard level > earlier || state.unrecorded[run] != nil else { return nil }
            let reached = max(level, earlier)
            state.unrecorded[run] = reached
            return reached
        }
    }

    /// Takes the fact that a level of `addUncalled` is on record.
    func record(_ level: TaintLevel, of run: RunID) {
        state.withLock { state in
            guard let open = state.unrecorded[run], open <= level else { return }
            state.unrecorded[run] = nil
        }
    }

    /// Takes a read of a run; the first one is remembered, and the highest level.
    package func add(_ run: RunID, _ read: UntrustedRead, level: TaintLevel = .hostile) {
        state.withLock { state in
            guard let known = state.runs[run] else {
                state.put(run, read, level, nil, most: most)
                return
            }
            guard level > known.level else { return }
            state.put(run, known.first, level, nil, most: most)
        }
    }

    /// Makes a run hostile because of a text of a server; durable with the next record of a call of the run.
    package func raise(_ run: RunID, by mark: MarkedRead) {
        state.withLock { state in
            let known = state.runs[run]
            guard known?.mark == nil else { return }
            let read =
                known?.first
                ?? UntrustedRead(call: mark.call, address: mark.address, at: mark.at)
            state.put(run, read, .hostile, mark, most: most)
        }
    }

    /// Counts every run from now on, because of a read of a run that is not remembered.
    func addEvery(_ read: UntrustedRead) {
        state.withLock { $0.overflow = $0.overflow ?? RunTaint(first: read, level: .hostile) }
    }

    /// Ends the wait for a read that brought values and no text. Without room to remember that, the run is untrusted.
    func settle(valuesOf call: CallID, in run: RunID) {
        let hasRoom = noteValues(in: run)
        settle(call, in: run, as: hasRoom ? .clean : .untrusted)
    }

    /// - Returns: false if there is no room.
    @discardableResult
    func noteValues(in run: RunID) -> Bool {
        state.withLock { state in
            guard state.valued.contains(run) || state.valued.count < most else { return false }
            state.valued.insert(run)
            return true
        }
    }

    /// Returns true if the run has read values of outsiders that raised no level. An index of its values that begins
    /// afterwards does not have them.
    func hasValues(_ run: RunID) -> Bool { state.withLock { $0.valued.contains(run) } }

    /// Remembers the level of a run that ends, for those that follow it. Must be called before `remove`. A read that is
    /// awaited counts as its worst outcome, since its call ends with the run; one of another run counts there.
    func close(_ run: RunID, of line: RecentTaint.Line, at time: Timestamp) {
        state.withLock { state in
            var level = state.settled(run)?.level ?? .clean
            for (call, awaited) in state.awaited[run] ?? [:]
            where !(state.followers[call]?.contains(run) ?? false) {
                level = max(level, awaited.worst)
            }
            state.recent.add(run, level, of: line, at: time)
        }
    }

    /// Returns the worst level of the runs that a new run of the line follows; nil for none.
    func recent(of line: RecentTaint.Line, at now: Timestamp) -> RecentTaint.Ended? {
        state.withLock { $0.recent.worst(of: line, at: now) }
    }

    func restore(_ recent: RecentTaint) { state.withLock { $0.recent = recent } }

    /// Called once nothing of the run is open.
    package func remove(_ run: RunID) {
        state.withLock { state in
            for call in (state.awaited.removeValue(forKey: run) ?? [:]).keys {
                state.followers[call]?.removeAll { $0 == run }
                if state.followers[call]?.isEmpty == true { state.followers[call] = nil }
            }
            state.unrecorded[run] = nil
            state.valued.remove(run)
            let taint = state.runs.removeValue(forKey: run)
            if taint?.mark?.passage != nil { state.passages -= 1 }
        }
    }
}
