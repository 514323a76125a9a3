import InterlockModel

/// Checks that every name that the policy mentions exists in it (E210 to E216, E404, E407).
struct NameCheck {
    let document: PolicyDocument
    private let servers: [String: ServerSpec]
    private let agents: Set<String>
    private let reported: ReportedPaths
    private var findings = Findings()

    /// - Parameter reported: the parts with errors, whose names are not missed.
    init(document: PolicyDocument, reported: ReportedPaths) {
        self.document = document
        self.reported = reported
        servers = Dictionary(
            document.servers.map { ($0.name.text, $0) }, uniquingKeysWith: { first, _ in first })
        agents = Set(document.agents.map(\.name.text))
    }

    /// Performs all checks.
    consuming func run() -> Findings {
        for person in document.owners { check(person, "owners") }
        for group in document.groups.values {
            for member in group.members { check(member, group.name) }
            if let person = group.escalateTo { check(person, group.name) }
        }
        for server in document.servers { check(server) }
        checkCredentials()
        for agent in document.agents { check(agent) }
        for rule in document.forbids + document.effectRules { check(rule) }
        for elevation in document.elevations { check(elevation) }
        for waiver in document.waivers { check(waiver.owner, "waivers") }
        for person in document.eval.holders { check(person, "eval") }
        for task in document.tasks { check(task) }
        for test in document.tests { check(test) }
        return findings
    }

    private mutating func check(_ person: Located<Person>, _ label: String) {
        guard let people = document.people, !people.contains(person.value),
            !reported.contains("people")
        else { return }
        findings.add(.noSuchName, at: person, "\(label): `\(person.value)` is not in `people`")
    }

    private mutating func check(agent name: Located<String>, _ label: String) {
        guard !agents.contains(name.value), !isReported(agent: name.value) else { return }
        findings.add(
            .noSuchName, at: name, "\(label): no agent `\(name.value)`",
            help: didYouMean(name.value, among: agents))
    }

    private func isReported(agent name: String) -> Bool { reported.contains("agents.\(name)") }

    /// Returns true if an error is about the server, or about the tool if the server itself could be read.
    private func isReported(server name: String, _ item: String) -> Bool {
        let server = "servers.\(name)"
        guard servers[name] != nil else { return reported.contains(server) }
        if item.hasPrefix("resource:") { return reported.contains(server + ".resources") }
        if item.hasPrefix("prompt:") { return reported.contains(server + ".prompts") }
        return reported.contains("\(server).tools.\(item)")
    }

    private mutating func check(_ server: ServerSpec) {
        if let review = server.reviewed, let place = server.reviewerPlace {
            let reviewer = Located(review.by, place: place, path: server.path + ".reviewed.by")
            check(reviewer, server.name.text)
        }
        for credential in server.credentials {
            check(agent: credential.agent, server.name.text)
        }
    }

    /// Checks that a credential belongs to one agent only, across all servers.
    private mutating func checkCredentials() {
        var holders: [String: String] = [:]
        for server in document.servers {
            for credential in server.credentials {
                let secret = credential.secret.value
                let agent = credential.agent.value
                guard let holder = holders[secret] else {
                    holders[secret] = agent
                    continue
                }
                if holder != agent {
                    findings.add(
                        .sharedCredential, at: credential.secret,
                        "\(agent): `\(secret)` is the credential of \(holder) already")
                }
            }
        }
    }

    private mutating func check(_ agent: AgentSpec) {
        if let owner = agent.owner { check(owner, agent.name.text) }
        if let group = agent.approvers, document.groups[group.value] == nil,
            !reported.contains("approvals.\(group.value)")
        {
            findings.add(
                .noSuchName, at: group, "approvers: no group `\(group.value)`",
                help: didYouMean(group.value, among: document.groups.keys))
        }
        for data in agent.data ?? [] {
            check(data.tool, "data")
            checkOverflow(data)
        }
        for limit in agent.limits { check(limit) }
        // A server that is not described is reported for the whole policy (L112).
        for scope in agent.scopes {
            if let server = servers[scope.server] { check(scope, server) }
        }
        for entry in agent.approvalRequired {
            switch document.resolver.resolve(entry.value, for: agent) {
            case .tool, .notDescribed: break
            case .unknown where isReported(entry.value): break
            case .unknown(let help):
                findings.add(
                    .noSuchTool, at: entry,
                    "approval_required: `\(entry.value)` is no tool of any server", help: help)
            case .ambiguous(let candidates):
                findings.add(
                    .ambiguousTool, at: entry,
                    "approval_required: `\(entry.value)` is a tool of more than one server",
                    help: "write one of " + candidates.map { "`\($0)`" }.joined(separator: ", "))
            }
        }
    }

    /// Returns true for a tool as `approval_required` names it, with or without its server, that has an error.
    private func isReported(_ name: String) -> Bool {
        if document.servers.contains(where: { isReported(server: $0.name.text, name) }) {
            return true
        }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        return parts.count == 2 && isReported(server: parts[0], parts[1])
    }

    /// Reports an obligation or a limit on a tool that does not exist, because it would have no effect.
    private mutating func check(_ tool: Located<String>, _ label: String) {
        let parts = tool.value.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let server = servers[parts[0]], !server.has(parts[1]),
            !isReported(server: parts[0], parts[1])
        else { return }
        findings.add(
            .noSuchTool, at: tool, "\(label): `\(parts[1])` is no tool of server \(server.name)",
            help: didYouMean(parts[1], among: server.tools.map(\.name.text)))
    }

    private mutating func checkOverflow(_ data: DataSpec) {
        let parts = data.tool.value.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let tool = servers[parts[0]]?.tool(parts[1]) else { return }
        InterlockPolicy.checkOverflow(
            data.obligations.overflow, of: tool.toolClass, at: data.tool, &findings)
    }

    private mutating func check(_ limit: LimitSpec) {
        let name: String
        switch limit.subject {
        case .calls: return
        case .tool(let tool), .spend(let tool, _): name = tool
        }
        check(Located(name, of: limit), "limits")
    }

    private mutating func check(_ scope: ScopeSpec, _ server: ServerSpec) {
        for grant in scope.grants {
            guard case .tool(let name) = grant.selector, !server.has(name),
                !isReported(server: scope.server, name)
            else { continue }
            let words = ToolClass.allCases.map(\.rawValue) + server.tools.map(\.name.text)
            findings.add(
                .noSuchTool, at: grant,
                "\(scope.server): `\(name)` names no class or tool of server \(scope.server)",
                help: didYouMean(name, among: words))
        }
    }

    private mutating func check(_ rule: RuleSpec) {
        for agent in rule.agents { check(agent: agent, rule.id.value) }
        for pattern in rule.patterns {
            let name: ServerName
            switch pattern.value {
            case .everything: continue
            case .server(let server), .item(let server, _): name = server
            }
            guard let server = servers[name.text] else {
                if reported.contains("servers.\(name)") { continue }
                findings.add(
                    .noSuchName, at: pattern, "\(rule.id.value): no server `\(name)`",
                    help: didYouMean(name.text, among: servers.keys))
                continue
            }
            if case .item(_, let item) = pattern.value, !server.has(item),
                !isReported(server: name.text, item)
            {
                findings.add(
                    .noSuchTool, at: pattern,
                    "\(rule.id.value): `\(item)` is no tool of server \(name)",
                    help: didYouMean(item, among: server.tools.map(\.name.text)))
            }
        }
    }

    private mutating func check(_ elevation: ElevationSpec) {
        check(agent: elevation.agent, elevation.id.value)
        for person in elevation.approvedBy { check(person, elevation.id.value) }
        for scope in elevation.scopes {
            guard let server = servers[scope.server] else {
                if reported.contains("servers.\(scope.server)") { continue }
                findings.add(
                    .noSuchName, at: scope, "\(elevation.id.value): no server `\(scope.server)`",
                    help: didYouMean(scope.server, among: servers.keys))
                continue
            }
            check(scope, server)
        }
    }

    private mutating func check(_ task: TaskSpec) {
        check(agent: task.agent, task.name.text)
        for tool in task.tools {
            let parts = tool.value.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, servers[parts[0]] == nil else {
                check(tool, task.name.text)
                continue
            }
            if reported.contains("servers.\(parts[0])") { continue }
            findings.add(
                .noSuchName, at: tool, "\(task.name): no server `\(parts[0])`",
                help: didYouMean(parts[0], among: servers.keys))
        }
    }

    private mutating func check(_ test: TestSpec) {
        if let purpose = test.purpose,
            !document.tasks.contains(where: { $0.name.text == purpose.value }),
            !reported.contains("tasks.\(purpose.value)")
        {
            findings.add(
                .testNamesUnknown, at: purpose, "tests: no task `\(purpose.value)`",
                help: didYouMean(purpose.value, among: document.tasks.map(\.name.text)))
        }
        if !agents.contains(test.agent.value), !isReported(agent: test.agent.value) {
            findings.add(
                .testNamesUnknown, at: test.agent, "tests: no agent `\(test.agent.value)`",
                help: didYouMean(test.agent.value, among: agents))
        }
        let parts = test.call.value.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, servers[parts[0]]?.has(parts[1]) == true else {
            if parts.count == 2, isReported(server: parts[0], parts[1]) { return }
            let all = document.servers.flatMap { server in
                server.tools.map { "\(server.name).\($0.name)" }
            }
            findings.add(
                .testNamesUnknown, at: test.call, "tests: no tool `\(test.call.value)`",
                help: didYouMean(test.call.value, among: all))
            return
        }
    }
}
