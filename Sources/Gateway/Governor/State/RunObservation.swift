import InterlockMCP
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Passes what runs do to the one observer, which needs the gateway itself and so is set after it was made.
package final class RunObservation: Sendable {
    private let observer = Mutex<(any RunObserver)?>(nil)
    /// False until there is something to observe, so that calls of a gateway without hooks cost nothing here.
    private let isWatching = Atomic(false)

    package init() {}

    /// Makes calls known to the observer from now on.
    package func watch() { isWatching.store(true, ordering: .releasing) }

    package func begin(_ observer: any RunObserver) { self.observer.withLock { $0 = observer } }

    /// Notes a call of an agent's own request. A host asks about its own tools at its hook, and previews are the
    /// gateway's.
    func note(_ call: Call) {
        guard isWatching.load(ordering: .acquiring), call.method == .callTool, call.host == nil,
            !call.isPreview
        else { return }
        observer.withLock { $0 }?
            .note(
                call.id, of: call.name, call.arguments, in: call.principal.run,
                of: call.principal.agent)
    }

    package func note(changed paths: [String], in run: RunID, of agent: AgentName) {
        observer.withLock { $0 }?.note(changed: paths, in: run, of: agent)
    }
}
