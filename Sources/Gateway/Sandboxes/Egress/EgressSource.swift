import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The sandbox that a connection comes from.
package enum EgressSource: Sendable, Hashable {
    case run(RunContext)
    case child(ServerChild)

    /// Names the sandbox; new for each launch.
    var id: RunID {
        switch self {
        case .run(let run): run.run
        case .child(let child): child.sandbox
        }
    }

    /// The run whose chain has the records of the connection; nil for a server's child, whose records are outside.
    var run: RunContext? {
        switch self {
        case .run(let run): run
        case .child: nil
        }
    }

    /// The fields that name a server's child in records.
    var fields: JSONObject {
        guard case .child(let child) = self else { return [:] }
        var fields: JSONObject = [
            "srv": .string(child.server.text), "sbx": .string(child.sandbox.text),
        ]
        fields["agent"] = child.agent.map { .string($0.text) }
        return fields
    }
}

/// One child of a stdio server.
package struct ServerChild: Sendable, Hashable {
    package let sandbox: RunID
    package let server: ServerName
    /// The agent whose calls the child serves; nil for the gateway's own.
    package let agent: AgentName?

    package init(sandbox: RunID, server: ServerName, agent: AgentName?) {
        self.sandbox = sandbox
        self.server = server
        self.agent = agent
    }
}
