import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// What one agent follows at one server: what it wants to hear, and what has been heard. From any thread.
final class ResourceUpdateListener: Sendable {
    typealias Changed = @Sendable (_ uri: String) -> Void

    private struct State {
        var followed = FollowedResources()
        var changed: Changed
    }
    private let state: Mutex<State>
    private let shared: UpstreamShared
    private let loop: EventLoop
    private let waker: Waker

    /// How long it sleeps at most, where nobody wakes it.
    static let longestSleep = Duration.seconds(600)
    /// A listen of a modern server takes the place of the one before: callers that come one by one are
    /// gathered for so long.
    static let gathering = Duration.milliseconds(50)

    init(shared: UpstreamShared, loop: EventLoop, changed: @escaping Changed) {
        state = Mutex(State(changed: changed))
        self.shared = shared
        self.loop = loop
        waker = Waker(loop: loop)
    }

    /// Nothing of a server that is quarantined.
    var wanted: Set<ExactText> {
        shared.quarantine == nil ? state.withLock { $0.followed.wanted } : []
    }

    func want(_ uris: Set<ExactText>, _ changed: @escaping Changed) {
        let isNews = state.withLock { state in
            state.changed = changed
            return state.followed.want(uris)
        }
        if isNews { waker.wake() }
    }

    /// Returns when the set or the stream is another one, or after a while. One waits at a time.
    func wait(_ time: Duration = ResourceUpdateListener.longestSleep) async {
        await waker.wait(time)
    }
    func wake() { waker.wake() }

    /// - Parameter written: by the server.
    func heard(_ written: String) {
        switch state.withLock({ $0.followed.heard(written) }) {
        case .first:
            let gap = shared.limits.updateGap
            loop.perform { [self] in _ = loop.schedule(after: gap) { self.tell() } }
        case .again: break
        case .stray: shared.note(.strayUpdate)
        }
    }

    private func tell() {
        let (uris, changed) = state.withLock { ($0.followed.take(), $0.changed) }
        for uri in uris { changed(uri) }
    }
}
