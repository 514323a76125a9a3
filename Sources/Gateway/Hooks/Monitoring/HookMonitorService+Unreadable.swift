import InterlockGovernor
import InterlockHooks
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

extension HookMonitorService {
    /// Notes an event that cannot be read. If it may have brought the result of a tool, that result was not searched,
    /// and `hooks.on_unredactable` applies to the run (docs/decisions/0119).
    ///
    /// INVARIANT: an event that cannot be read has no effect on a run which neither its connection nor its user proves.
    /// Kept by `UnreadableEventTests`.
    func note(_ event: UnreadableEvent, of run: RunContext) {
        // Nothing is permitted in a halted run, and its results are withheld unread.
        guard event.mayBringResult, gateway.halt(of: run.agent, run: run.run) == nil else { return }
        gateway.observation.watch()
        let now = gateway.clock.boot
        // A session outside a run may have sent events as those of an earlier run. Any other run is known from its first
        // event on, also if that is unreadable: otherwise its bypass of the hook would never be noticed.
        let isBegin = !gateway.hostSessions.has(run: run.run)
        let isReported = runs.withLock { runs in
            runs.change(run, at: now, isBegin: isBegin) { $0.noteUnreadable(at: now) }
        }
        if isReported { report(.unreadable(event), of: run) }
    }
}
