import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension UpstreamServer {
    private static let lasting = Duration.seconds(10)
    private static let longestPause = Duration.seconds(60)
    private static let look = Duration.seconds(1)

    /// Implements `ResourceFollowing.follow`.
    func follow(
        _ uris: Set<ExactText>, for agent: AgentName,
        _ changed: @escaping ResourceUpdateListener.Changed
    ) {
        guard let ear = want(uris, for: agent, changed) else { return }
        Task(executorPreference: loop) { await self.hear(ear, for: agent) }
    }

    /// Listens for one agent until it follows nothing any more. After each end the server is asked again, with growing
    /// pauses.
    private func hear(_ ear: ResourceUpdateListener, for agent: AgentName) async {
        var pause = shared.limits.firstRetry
        while !isOver(ear, of: agent) {
            guard !shared.isHeld(), case .ready = view, shared.subscriptions != .none else {
                await ear.wait(Self.look)
                continue
            }
            let began = loop.nowNanoseconds
            await use(SessionKey(agent: agent)) { await $0.follow(ear) }
            if loop.nowNanoseconds - began > Self.lasting.nanosecondsClamped {
                pause = shared.limits.firstRetry
            }
            guard !isOver(ear, of: agent) else { return }
            await ear.wait(pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
