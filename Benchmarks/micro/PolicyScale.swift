import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

/// A synthetic organisation: agents that read everywhere and write under one guard (docs/specs/policy.md, section 11).
struct PolicyScale {
    let agents: Int
    let servers: Int
    /// The number of tools per server; half of them read, half of them write.
    let toolsOfServer: Int
    /// The number of servers for which each agent has a scope.
    let serversOfAgent: Int

    /// The size that docs/specs/policy.md, section 11, compares.
    static let compared = PolicyScale(
        agents: 100, servers: 20, toolsOfServer: 10, serversOfAgent: 20)
    /// The size that must load within a second.
    static let large = PolicyScale(
        agents: 10_000, servers: 20, toolsOfServer: 10, serversOfAgent: 2)

    static let guardText =
        "args.amount <= 500 && args.environment != 'production' && now.getDayOfWeek() in [1, 2, 3, 4, 5]"
        + " && now.getHours() >= 8 && now.getHours() < 17"
    /// A guard of the highest permitted cost: it uses nearly all of its budget.
    static let costlyText = "args.items.all(x, args.items.exists(y, x == y))"

    /// The policy's files; agents are spread over several, because a file holds at most 1 MiB.
    var files: [PolicyFile] {
        let agentFiles = stride(from: 0, to: agents, by: 500).map { first in
            let texts = (first..<min(first + 500, agents)).map(agent)
            return file("agents/from\(first).yaml", .agents, "agents:\n" + texts.joined())
        }
        return [file("org.yaml", .organisation, organisation)] + agentFiles
    }

    private func file(_ path: String, _ role: PolicyFileRole, _ text: String) -> PolicyFile {
        PolicyFile(path: path, role: role, bytes: Array(text.utf8))
    }

    private var organisation: String {
        var text = """
            interlock: 1
            org: scale
            kill_switch: org-wide, tested monthly
            approvals: {leads: {members: [ada@scale.example, sam@scale.example]}}
            servers:

            """
        for server in 0..<servers {
            text += "  s\(server):\n    tools:\n"
            for tool in 0..<toolsOfServer {
                let kind = tool < toolsOfServer / 2 ? "read" : "write, effects: [reversible]"
                text += "      t\(tool): {class: \(kind)}\n"
            }
        }
        return text
    }

    /// One agent's entry; the first agent has the costly guard.
    private func agent(_ number: Int) -> String {
        var text = """
              a\(number):
                owner: li@scale.example
                purpose: Works
                tier: medium
                stage: trusted
                review_by: "2099-02-01"
                approvers: leads
                mcp_scopes:

            """
        let condition = number == 0 ? Self.costlyText : Self.guardText
        for offset in 0..<serversOfAgent {
            text += "      s\((number + offset) % servers): [{class: read}, "
            text += "{class: write, when: \"\(condition)\"}]\n"
        }
        return text
    }

    func document() throws -> PolicyDocument {
        let reading = PolicyReader.read(files)
        guard let document = reading.document else {
            throw Misuse.refused(reading.findings.reported.first?.text ?? "no policy")
        }
        return document
    }
}
