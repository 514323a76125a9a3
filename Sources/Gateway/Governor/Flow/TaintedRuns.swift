package import InterlockModel
import Synchronization

/// The runs that have read content of untrusted sources (docs/specs/output-safety.md, section 7): of servers that are not
/// internal, of tools that the policy declares untrusted, and of tools with untrusted fields. A run stays here to its
/// end, and its level never falls.
///
/// INVARIANT: a run is here before anything that such a source sends during a call can reach it, and is hostile before
/// a text with a marker, or one that is not searched for markers, can; after a restart also if any of it may have
/// reached it before. Without room for one more run, every run counts as hostile. Kept by `TaintedRunsTests`,
/// `TaintedCallTests`, `MarkedAnswerTests`.
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
    }
    private let state = Mutex(State())
    private let most: Int

    /// - Parameter most: the most runs that are remembered at a time.
    package init(most: Int = TaintedRuns.most) { self.most = most }

    /// Returns nil if the run has read no untrusted content.
    package func taint(of run: RunID) -> RunTaint? {
        state.withLock { state -> RunTaint? in
            guard let known = state.runs[run], let overflow = state.overflow else {
                return state.runs[run] ?? state.overflow
            }
            return known.level < overflow.level
                ? RunTaint(first: known.first, level: overflow.level) : known
        }
    }

    package func level(of run: RunID) -> TaintLevel { taint(of: run)?.level ?? .clean }

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

    /// Called once nothing of the run is open.
    package func remove(_ run: RunID) {
        state.withLock { state in
            let taint = state.runs.removeValue(forKey: run)
            if taint?.mark?.passage != nil { state.passages -= 1 }
        }
    }
}
