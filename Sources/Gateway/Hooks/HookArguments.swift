import InterlockHooks
import InterlockJSON
import InterlockModel
package import InterlockPolicy
package import InterlockShell

/// The arguments of a call of server `host`, which rules read and approvals bind: host, working directory, the host's own
/// arguments, and of a shell command its class and the names of its commands.
struct HookArguments {
    static let server = HostServer.name

    let json: JSONValue

    init(
        _ event: HookEvent, _ tool: HookTool, _ shell: any ShellClassifier, for agent: AgentEntry?
    ) {
        var json: JSONObject = [
            "host": .string(event.sender.name), "arguments": .object(tool.arguments),
        ]
        json["cwd"] = event.workingDirectory.map(JSONValue.string)
        switch tool.name {
        case .shell:
            // A tool of this name without a text is a command that was not read.
            var reading = ShellReading.unread
            if let command = tool.arguments["command"]?.string, let agent {
                reading = shell.read(command, for: agent)
            }
            json["class"] = .string(reading.kind.rawValue)
            json["commands"] = .array(reading.commands.map(JSONValue.string))
        case .other: json["tool"] = .string(tool.hostName)
        case .read, .write, .edit, .search, .fetch, .agent, .mcp: break
        }
        self.json = .object(json)
    }
}

/// Reads the text of a shell command (docs/specs/coding-agents.md, section 3). Bounded: what it does not fully understand
/// is `arbitrary`.
package protocol ShellClassifier: Sendable {
    /// - Parameter agent: the agent under the policy in force.
    func read(_ command: String, for agent: AgentEntry) -> ShellReading
}

package struct ShellReading: Sendable, Hashable {
    package let kind: ShellKind
    /// The names of its simple commands, in their order; empty if they are not known.
    package let commands: [String]

    package init(_ kind: ShellKind, commands: [String]) {
        self.kind = kind
        self.commands = commands
    }

    static let unread = ShellReading(.arbitrary, commands: [])
}
