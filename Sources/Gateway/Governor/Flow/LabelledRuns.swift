package import InterlockJSON
package import InterlockModel
package import InterlockSafety
import Synchronization

/// The label indexes of the runs whose agents have `taint: {mode: provenance}` (docs/specs/output-safety.md, section 7).
/// They are in memory alone.
///
/// INVARIANT: whatever of an untrusted server reaches a run that has an index is in the index before, or the index is
/// incomplete; and an index that begins when its run has read untrusted content is incomplete. What is unknown to an
/// incomplete index is untrusted. Kept by `LabelledRunsTests`, `LabelledCallTests`.
package final class LabelledRuns: Sendable {
    /// The most runs that have an index at a time. In a further run, every value is untrusted.
    package static let most = 1 << 16
    /// The most bytes of all indexes. Beyond it, nothing is added, and all indexes to which something would be are
    /// incomplete.
    package static let mostBytes = 512 << 20

    /// The index of one run.
    private final class RunIndex: Sendable {
        struct State {
            var index: LabelIndex
            var isRemoved = false
        }
        let state: Mutex<State>
        init(_ index: LabelIndex) { state = Mutex(State(index: index)) }
    }
    private struct State {
        var runs: [RunID: RunIndex] = [:]
        /// Random words of this process, made for the first index.
        var key: (UInt64, UInt64)?
    }
    private let state = Mutex(State())
    private let count = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let most: Int
    private let mostBytes: Int

    package init(most: Int = LabelledRuns.most, mostBytes: Int = LabelledRuns.mostBytes) {
        self.most = most
        self.mostBytes = mostBytes
    }

    /// True if no run has an index. Costs one read of memory.
    package var isEmpty: Bool { count.load(ordering: .acquiring) == 0 }

    /// Begins the index of a run, unless it has one.
    ///
    /// - Parameter isTainted: returns true if the run has read untrusted content. Called once the index is there, so that
    ///   content that comes now is either in it or makes it incomplete.
    /// - Returns: false if there is no room.
    package func begin(_ run: RunID, _ entropy: any Entropy, isTainted: () -> Bool) -> Bool {
        let isNew = state.withLock { state -> Bool? in
            guard state.runs[run] == nil else { return false }
            guard state.runs.count < most else { return nil }
            let key = state.key ?? entropy.hashKey()
            state.key = key
            state.runs[run] = RunIndex(LabelIndex(key: key))
            count.store(state.runs.count, ordering: .releasing)
            return true
        }
        guard let isNew else { return false }
        if isNew, isTainted() { update(run) { $0.lose() } }
        return true
    }

    /// Returns what `body` reads of the index of a run, or nil if it has none.
    package func read<Answer: Sendable>(_ run: RunID, _ body: (LabelIndex) -> Answer) -> Answer? {
        found(run)?.state.withLock { body($0.index) }
    }

    /// Changes the index of a run, if it has one.
    package func update(_ run: RunID, _ body: (inout LabelIndex) -> Void) {
        guard let found = found(run) else { return }
        found.state.withLock { state in
            guard !state.isRemoved else { return }
            guard bytes.load(ordering: .relaxed) < mostBytes else { return state.index.lose() }
            let before = state.index.bytes
            body(&state.index)
            bytes.add(state.index.bytes - before, ordering: .relaxed)
        }
    }

    /// Adds long content of an untrusted source. The index is locked for a part of the values at a time.
    ///
    /// - Parameter source: the name of the source, for people.
    package func add(long content: JSONValue, to run: RunID, of source: String, isNamed: Bool) {
        guard let reader = read(run, { $0.reader }) else { return }
        guard let values = reader.values(of: content, isNested: true) else {
            return update(run) { $0.lose() }
        }
        for part in values.parts {
            update(run) { $0.add(untrusted: part, of: source, isNamed: isNamed) }
        }
    }

    /// Adds long content of a trusted source, unless it is too long, but for what it repeats of the call.
    package func add(
        longTrusted content: JSONValue, to run: RunID, answering arguments: JSONValue
    ) {
        guard let reader = read(run, { $0.reader }),
            let given = reader.values(of: arguments, isNested: false),
            let echoes = read(run, { $0.echoes(of: given) }),
            let values = reader.values(ofTrusted: content, unless: echoes)
        else { return }
        for part in values.parts { update(run) { $0.add(trusted: part) } }
    }

    private func found(_ run: RunID) -> RunIndex? {
        guard !isEmpty else { return nil }
        return state.withLock { $0.runs[run] }
    }

    /// Called once nothing of the run is open, and when its agent has no such rule any more.
    package func remove(_ run: RunID) {
        guard !isEmpty else { return }
        let removed = state.withLock { state -> RunIndex? in
            defer { count.store(state.runs.count, ordering: .releasing) }
            return state.runs.removeValue(forKey: run)
        }
        removed?.state.withLock { state in
            state.isRemoved = true
            bytes.subtract(state.index.bytes, ordering: .relaxed)
        }
    }
}
