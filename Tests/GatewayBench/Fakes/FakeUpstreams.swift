import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// Upstream servers whose tools and responses a test sets. As the port requires, a call that is already cancelled is
/// not sent; sent calls are stored with their number in the order of events.
final class FakeUpstreams: Upstreams {
    typealias Answer = @Sendable (UpstreamCall) async -> UpstreamResponse

    struct Sent: Sendable {
        let number: Int
        let call: UpstreamCall
    }
    private struct State {
        var views: [ServerName: CatalogState] = [:]
        var offers: [ServerName: ServerFeatures] = [:]
        var sent: [Sent] = []
        var answer: Answer = { _ in .done }
        var children: [(ServerName, AgentName?)] = []
        var ended: [String] = []
        var ending = EndingChildren()
        var strays: [ServerName: Int] = [:]
        var followed: [String: (Set<ExactText>, @Sendable (String) -> Void)] = [:]
    }
    private let state = Mutex(State())
    private let sequence: Sequence

    init(_ sequence: Sequence) { self.sequence = sequence }

    func strayAnswers(of server: ServerName) -> Int { state.withLock { $0.strays[server] ?? 0 } }
    func stray(_ count: Int, from server: ServerName) {
        state.withLock { $0.strays[server] = count }
    }

    func strayUpdates(of server: ServerName) -> Int { 0 }

    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (String) -> Void
    ) {
        state.withLock { $0.followed["\(server) \(agent)"] = (uris, changed) }
    }

    /// The resources that the gateway follows, by `server agent`.
    func followed(_ key: String) -> Set<ExactText> { state.withLock { $0.followed[key]?.0 ?? [] } }
    /// Reports a change of a resource, whether or not the gateway follows it.
    func update(_ uri: String, _ key: String) { state.withLock { $0.followed[key]?.1 }?(uri) }

    func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren {
        let asked: [(ServerName, AgentName?)] = state.withLock { $0.children }
        let ended = asked.filter { isHalted($0.0, $0.1) }
        return state.withLock { state in
            state.ended += ended.map { "\($0.0) \($0.1?.text ?? "-")" }
            return state.ending
        }
    }
    /// The children that `endChildren` reports as not ended yet.
    var ending: EndingChildren {
        get { state.withLock { $0.ending } }
        set { state.withLock { $0.ending = newValue } }
    }

    /// Sets the running children; `ended` lists those that were ended, as `server agent`.
    func run(_ children: [(ServerName, AgentName?)]) { state.withLock { $0.children = children } }
    var ended: [String] { state.withLock { $0.ended } }

    var sent: [Sent] { state.withLock { $0.sent } }
    var calls: [UpstreamCall] { sent.map(\.call) }

    func set(_ view: CatalogState, of server: String) {
        guard let name = ServerName(server) else { return }
        state.withLock { $0.views[name] = view }
    }

    /// - Parameter generation: the generation of the new view, which consists of `tools`.
    func set(_ offers: ServerFeatures, tools: [JSONValue], generation: UInt64, of server: String) {
        guard let name = ServerName(server) else { return }
        state.withLock { state in
            state.offers[name] = offers
            state.views[name] = .ready(generation: generation, tools: tools)
        }
    }

    func offers(of server: ServerName) -> ServerFeatures {
        state.withLock { $0.offers[server] ?? ServerFeatures() }
    }

    func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

    /// Holds every call until the gate opens or the call is cancelled.
    func answer(after gate: Gate) {
        answer { call in
            call.cancel.onCancel { _ in gate.open() }
            await gate.pass()
            return call.cancel.cause == nil ? .done : .cancelled(confirmed: false)
        }
    }

    func view(of server: ServerName) -> CatalogState {
        state.withLock { $0.views[server] ?? .unknown }
    }

    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        guard call.cancel.cause == nil else { return .cancelled(confirmed: true) }
        let answer = state.withLock { state in
            state.sent.append(Sent(number: sequence.next(), call: call))
            return state.answer
        }
        return await answer(call)
    }
}

extension UpstreamResponse {
    static let done = text("done")

    static func text(_ text: String, _ more: JSONObject = [:]) -> UpstreamResponse {
        var result: JSONObject = ["content": [["type": "text", "text": .string(text)]]]
        for (key, value) in more.members { result[key] = value }
        return .result(result, bytes: JSONValue.object(result).serialized())
    }
}

extension UpstreamCall {
    /// The arguments of a tool or prompt, as they were sent.
    var arguments: [UInt8] { request.arguments.serialized() }
}
