import InterlockJSON
package import InterlockModel
import Synchronization

/// A call that a verdict lets its host defer: it waits for people, and the host has ended its turn.
package struct DeferredCall: Sendable, Hashable {
    package let approval: ApprovalID
    package let tool: ToolAddress

    package init(_ approval: ApprovalID, _ tool: ToolAddress) {
        self.approval = approval
        self.tool = tool
    }
}

/// The sessions that supervisors resume, each with the call that it waits for (docs/specs/coding-agents.md, section 8).
/// Only a supervisor names a session here, at the begin of its run. In memory: after a restart no call of an earlier run
/// is deferred.
///
/// INVARIANT: a run has at most one deferred call. A host keeps one alone, and drops an earlier one of the same turn. Kept
/// by `HookDeferralTests`.
package final class DeferredCallRegistry: Sendable {
    private struct Session {
        let name: String
        var call: DeferredCall?
    }
    private let runs = Mutex<[RunID: Session]>([:])

    /// Takes up a run whose supervisor resumes this session.
    package func open(_ run: RunID, session: String) {
        runs.withLock { $0[run] = Session(name: session) }
    }

    /// Notes that the host defers a call of this session.
    ///
    /// - Returns: false if the session is not resumed, or has a deferred call already.
    package func add(_ call: DeferredCall, of run: RunID, session: String) -> Bool {
        runs.withLock { runs in
            guard let known = runs[run], known.call == nil, sameBytes(known.name, session) else {
                return false
            }
            runs[run]?.call = call
            return true
        }
    }

    package func call(of run: RunID) -> DeferredCall? { runs.withLock { $0[run]?.call } }

    /// Notes that the session continues.
    package func remove(of run: RunID) { runs.withLock { $0[run]?.call = nil } }

    /// Notes that a session continues, if it is the one that is resumed.
    package func remove(of run: RunID, session: String) {
        runs.withLock { runs in
            guard let known = runs[run], sameBytes(known.name, session) else { return }
            runs[run]?.call = nil
        }
    }

    func forget(_ run: RunID) { runs.withLock { $0[run] = nil } }
}
