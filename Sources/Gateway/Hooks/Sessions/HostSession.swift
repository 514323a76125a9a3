import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

/// One session of a coding agent's host outside a run, which is a run of its own (docs/specs/coding-agents.md, section 9).
final class HostSession: Sendable {
    /// The values by which the events of one session are recognised. The agent is proven by the connection; host and
    /// session are what the sender says, so that one user can mix up its own sessions, and no others.
    struct Key: Hashable, Sendable {
        let agent: AgentName
        let sender: HookSender
        let session: ExactText

        init(_ event: HookEvent, of agent: AgentName) {
            self.agent = agent
            sender = event.sender
            session = ExactText(event.session)
        }

        init(_ origin: UnreadableEvent.Origin, of agent: AgentName) {
            self.agent = agent
            sender = origin.sender
            session = ExactText(origin.session)
        }
    }

    let key: Key
    let run: RunContext
    /// The credential with which the gateway passes on the session's events; it never leaves the process.
    private let token: IssuedToken
    /// Ends once `run.start` is durable, or with the code of the log's refusal.
    let start: Task<String?, Never>

    init(
        _ key: Key, _ run: RunContext, _ token: IssuedToken,
        start: @escaping @Sendable () async -> String?
    ) {
        self.key = key
        self.run = run
        self.token = token
        self.start = Task { await start() }
    }

    /// Returns the head of an event with the identity of the session; the sender's own fields do not count.
    func head(for head: RequestHead) -> RequestHead {
        RequestHead(
            listener: head.listener, method: head.method, path: head.path, query: nil,
            headers: [(name: "authorization", value: "Bearer \(token.token)")],
            contentLength: head.contentLength, source: head.source, peer: head.peer)
    }
}
