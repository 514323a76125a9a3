package import InterlockJSON
package import InterlockModel

/// The policy of a new deployment, as text: the servers found, read-only, with the reasons as comments. All values are
/// written as JSON, which is valid YAML, so that no value needs a quoting heuristic.
package struct DraftPolicy: Sendable {
    package struct Server: Sendable {
        package let name: ServerName
        /// The value of the policy's `connect`.
        package let connect: JSONValue
        package var credentials: [Credential] = []
        package var tools: [Tool] = []
        /// The resources and resource templates, which are granted for reading.
        package var resources: [Resource] = []
        /// The prompts, which are granted.
        package var prompts: [String] = []

        package init(name: ServerName, connect: JSONValue) {
            self.name = name
            self.connect = connect
        }
    }
    package struct Credential: Sendable {
        package let agent: AgentName
        package let header: String
        /// The name of the secret.
        package let secret: String

        package init(agent: AgentName, header: String, secret: String) {
            self.agent = agent
            self.header = header
            self.secret = secret
        }
    }
    package struct Tool: Sendable {
        package let name: ToolName
        package let toolClass: ToolClass
        /// The reason, as a comment after the tool; it has no line break.
        package let because: String
        /// The statements about the flow of values; nil for none.
        package let flow: FlowSuggestion?

        package init(
            name: ToolName, toolClass: ToolClass, because: String, flow: FlowSuggestion? = nil
        ) {
            self.name = name
            self.toolClass = toolClass
            self.because = because
            self.flow = flow
        }
    }
    package struct Resource: Sendable {
        package let name: ToolName
        /// A URI, or a template of RFC 6570.
        package let uri: String

        package init(name: ToolName, uri: String) {
            self.name = name
            self.uri = uri
        }
    }
    package struct Agent: Sendable {
        package let name: AgentName
        package let purpose: String
        /// The servers whose tools of class read are granted.
        package var reads: [ServerName]

        package init(name: AgentName, purpose: String, reads: [ServerName]) {
            self.name = name
            self.purpose = purpose
            self.reads = reads
        }
    }

    package let org: String
    package let owner: Person
    package let day: CivilDate
    package var servers: [Server]
    package var agents: [Agent]

    /// The number of days until the agents' first review.
    package static let reviewAfterDays: Int64 = 90

    package init(org: String, owner: Person, day: CivilDate, servers: [Server], agents: [Agent]) {
        self.org = org
        self.owner = owner
        self.day = day
        self.servers = servers
        self.agents = agents
    }

    /// The paths relative to the policy folder, with their text.
    package var files: [(path: String, text: String)] {
        [("org.yaml", organisation)] + servers.map { ("servers/\($0.name).yaml", text(of: $0)) }
            + agents.map { ("agents/\($0.name).yaml", text(of: $0)) }
    }

    private var organisation: String {
        """
        # Who answers for this. Agents get what their own files grant, and nothing else.
        interlock: 1
        org: \(quoted(org))
        owners: [\(quoted(owner.address))]
        kill_switch: {scope: org-wide, drill_every: 31d}

        """
    }

    private func text(of server: Server) -> String {
        var lines = [
            "# How the server is reached, and what may be done there. Only what is of class read is granted.",
            "servers:", "  \(server.name):", "    connect: \(json(server.connect))",
            "    reviewed: {by: \(quoted(owner.address)), on: \"\(day.text)\", trust: external}",
        ]
        if !server.credentials.isEmpty {
            lines.append("    credentials:")
            for entry in server.credentials {
                lines.append(
                    "      \(entry.agent): {header: \(quoted(entry.header)), "
                        + "secret: \(quoted(entry.secret))}")
            }
        }
        if server.tools.isEmpty {
            lines.append("    tools: {}")
        } else {
            if server.tools.contains(where: { $0.flow?.yaml.isEmpty == false }) {
                lines.append(
                    "    # `source`, `sends` and `keys` are guesses by names: docs/policy.md, Flow of values."
                )
            }
            lines.append("    tools:")
            for tool in server.tools.sorted(by: { $0.name < $1.name }) {
                // A tool that no person has classified counts as irreversible.
                let effects = tool.toolClass == .read ? "" : ", effects: [irreversible]"
                let stated = tool.flow?.yaml ?? ""
                let flow = stated.isEmpty ? "" : ", " + stated
                lines.append(
                    "      \(quoted(tool.name.text)): {class: \(tool.toolClass.rawValue)\(effects)\(flow)}"
                        + (tool.because.isEmpty ? "" : "  # \(tool.because)"))
            }
        }
        if !server.resources.isEmpty {
            lines.append("    resources:")
            for resource in server.resources.sorted(by: { $0.name < $1.name }) {
                lines.append(
                    "      \(quoted(resource.name.ownName)): {uri: \(quoted(resource.uri)), class: read}"
                )
            }
        }
        if !server.prompts.isEmpty {
            lines.append("    prompts:")
            for prompt in server.prompts.sorted() {
                lines.append("      \(quoted(prompt)): {class: read}")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func text(of agent: Agent) -> String {
        let review = CivilDate(daysSince1970: day.daysSince1970 + Self.reviewAfterDays)
        var lines = [
            "agents:", "  \(agent.name):", "    owner: \(quoted(owner.address))",
            "    purpose: \(quoted(agent.purpose))", "    tier: low", "    stage: supervised",
            "    review_by: \"\(review.text)\"",
            "    sandbox: {profile: isolated, egress: []}",
        ]
        if agent.reads.isEmpty {
            lines.append("    mcp_scopes: {}")
        } else {
            lines.append("    mcp_scopes:")
            for server in agent.reads.sorted() { lines.append("      \(server): [read]") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func quoted(_ text: String) -> String { json(.string(text)) }
    private func json(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}
