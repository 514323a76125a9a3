import InterlockGateway
import InterlockJSON
import InterlockModel
import Synchronization

/// Upstream servers whose tools and answers a test sets; it counts every call it received.
final class FakeUpstreams: Upstreams {
    private struct State {
        var views: [ServerName: ServerView] = [:]
        var calls: [UpstreamCall] = []
        var answer: @Sendable (UpstreamCall) async -> UpstreamAnswer = { _ in
            let result: JSONObject = ["content": [["type": "text", "text": "done"]]]
            return .result(result, bytes: JSONValue.object(result).serialized())
        }
    }
    private let state = Mutex(State())

    var calls: [UpstreamCall] { state.withLock { $0.calls } }

    func set(_ view: ServerView, of server: String) {
        guard let name = ServerName(server) else { return }
        state.withLock { $0.views[name] = view }
    }

    func answer(_ answer: @escaping @Sendable (UpstreamCall) async -> UpstreamAnswer) {
        state.withLock { $0.answer = answer }
    }

    func view(of server: ServerName) -> ServerView {
        state.withLock { $0.views[server] ?? .unknown }
    }

    func call(_ call: UpstreamCall) async -> UpstreamAnswer {
        let answer = state.withLock { state in
            state.calls.append(call)
            return state.answer
        }
        return await answer(call)
    }
}
