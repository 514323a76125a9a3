import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// The resources that one agent follows at one server, and their updates. May be used from any thread.
///
/// INVARIANT: a server that is silent, floods or announces what no caller follows keeps no caller waiting and reaches
/// none. Kept by `ResourceFollowingTests`, `StdioFollowingTests`, `test_subscriptions.py`.
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

    /// The longest wait without a wake-up.
    static let longestSleep = Duration.seconds(600)
    /// The time for which new wishes are collected: a listen request of a modern server replaces the previous one.
    static let gathering = Duration.milliseconds(50)

    init(shared: UpstreamShared, loop: EventLoop, changed: @escaping Changed) {
        state = Mutex(State(changed: changed))
        self.shared = shared
        self.loop = loop
        waker = Waker(loop: loop)
    }

    /// The followed resources; empty for a quarantined server.
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

    /// Returns when the set or the stream has changed, or after `time`. Only one task may wait at a time.
    func wait(_ time: Duration = ResourceUpdateListener.longestSleep) async {
        await waker.wait(time)
    }
    func wake() { waker.wake() }

    /// - Parameter written: the URI as written by the server.
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
