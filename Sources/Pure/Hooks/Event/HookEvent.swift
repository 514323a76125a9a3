package import InterlockJSON

/// One event of a host, in the form that all hosts share (docs/specs/coding-agents.md, section 3). Everything in it was
/// said by its sender and is untrusted.
package struct HookEvent: Sendable, Hashable {
    package var sender: HookSender
    /// Is nil if the host does not report its version.
    package var hostVersion: String?
    package var kind: HookEventKind
    /// The host's own name of the event.
    package var hostName: String
    /// The host's session. All texts up to `mode` have at most `HookLimits.name` bytes, `workingDirectory` has at most
    /// `HookLimits.path`.
    package var session: String
    /// The identifier of the call, equal in the events before and after it; is nil if the host gives none.
    package var call: String?
    /// The subagent that acts; is nil for the main agent.
    package var agent: String?
    package var agentKind: String?
    package var parentAgent: String?
    package var workingDirectory: String?
    /// The host's permission mode, for instance `bypassPermissions`.
    package var mode: String?
    /// The identifier of the prompt that led to the event.
    package var prompt: String?
    /// False if no user can answer the host's questions (headless), nil if the host does not say so.
    package var isAttended: Bool?
    package var tool: HookTool?
    /// Everything else that the host said, under its own names, as it was received: for instance the result of a tool or
    /// the text of a prompt.
    package var details: JSONObject

    /// An event without what a sender need not say.
    package init(sender: HookSender, kind: HookEventKind, hostName: String, session: String) {
        self.sender = sender
        self.kind = kind
        self.hostName = hostName
        self.session = session
        details = JSONObject()
    }

    package init(
        host: HookHost, hostVersion: String? = nil, kind: HookEventKind, hostName: String,
        session: String, call: String? = nil, agent: String? = nil, agentKind: String? = nil,
        parentAgent: String? = nil, workingDirectory: String? = nil, mode: String? = nil,
        prompt: String? = nil, isAttended: Bool? = nil, tool: HookTool? = nil,
        details: JSONObject = JSONObject()
    ) {
        self.init(sender: .host(host), kind: kind, hostName: hostName, session: session)
        self.hostVersion = hostVersion
        self.call = call
        self.agent = agent
        self.agentKind = agentKind
        self.parentAgent = parentAgent
        self.workingDirectory = workingDirectory
        self.mode = mode
        self.prompt = prompt
        self.isAttended = isAttended
        self.tool = tool
        self.details = details
    }

    /// The host whose hook sent it; is nil for a worker.
    package var host: HookHost? {
        switch sender {
        case .host(let host): host
        case .worker: nil
        }
    }
}
