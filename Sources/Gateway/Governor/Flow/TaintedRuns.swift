package import InterlockModel
import Synchronization

/// The first call by which a run read untrusted content.
package final class UntrustedRead: Sendable {
    package let call: CallID
    /// The tool, or nil if the call was made before this start of the gateway.
    package let address: ToolAddress?
    /// The time from which the run counts as tainted.
    package let at: Timestamp

    package init(call: CallID, address: ToolAddress? = nil, at: Timestamp) {
        self.call = call
        self.address = address
        self.at = at
    }

    /// The read in words, for approvers.
    package var words: String {
        let source =
            address.map { "content of \($0)" } ?? "content of a server that is not internal"
        return "\(source) was read at \(at.rfc3339(fractionDigits: 0)), in call \(call.text)"
    }
}

/// The runs that have read content of servers that are not internal (docs/specs/output-safety.md, section 7). A run
/// stays here to its end.
///
/// INVARIANT: a run is here before anything that such a server sends during a call can reach it, and after a restart
/// if anything may have reached it before. Without room for one more run, every run counts. Kept by
/// `TaintedRunsTests`, `TaintedCallTests`.
package final class TaintedRuns: Sendable {
    /// The levels of a run in records. A level of 1, of untrusted content without a marker of an injection, needs the
    /// search for such markers, which no part of this version makes; so all untrusted content counts as hostile.
    package enum Level: Int64, Sendable {
        case clean = 0
        case hostile = 2
    }

    /// The most runs that are remembered at a time.
    package static let most = 1 << 16

    private struct State {
        var reads: [RunID: UntrustedRead] = [:]
        /// The read of a run for which there was no room; every run counts from then on.
        var overflow: UntrustedRead?
    }
    private let state = Mutex(State())
    private let most: Int

    /// - Parameter most: the most runs that are remembered at a time.
    package init(most: Int = TaintedRuns.most) { self.most = most }

    /// Returns the first read of the run; nil if it has read no untrusted content.
    package func read(by run: RunID) -> UntrustedRead? {
        state.withLock { $0.reads[run] ?? $0.overflow }
    }

    package func level(of run: RunID) -> Level { read(by: run) == nil ? .clean : .hostile }

    /// Does nothing if the run has read such content before.
    package func add(_ run: RunID, _ read: UntrustedRead) {
        state.withLock { state in
            guard state.reads[run] == nil else { return }
            if state.reads.count < most {
                state.reads[run] = read
            } else if state.overflow == nil {
                state.overflow = read
            }
        }
    }

    /// Counts every run from now on, because of a read of a run that is not remembered.
    func addEvery(_ read: UntrustedRead) { state.withLock { $0.overflow = $0.overflow ?? read } }

    /// Called once nothing of the run is open.
    package func remove(_ run: RunID) { _ = state.withLock { $0.reads.removeValue(forKey: run) } }
}
