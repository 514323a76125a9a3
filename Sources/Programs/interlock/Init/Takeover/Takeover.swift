import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockGovernor
import InterlockHosts
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSandbox

/// `interlock init FILE`: takes over the servers of hosts' files. First everything is asked and tried in a temporary
/// folder, then the deployment is made. The hosts' files are changed last, so an earlier failure leaves them
/// unchanged.
struct Takeover {
    static let options: [Option] = [
        Option(
            "--yes", "with FILE: ask nothing; grant only what says of itself that it is read-only"),
        Option("--undo", "put the hosts' files back as they were, byte for byte"),
        Option(
            "--host HOST",
            "with FILE: whose it is, if its name does not say (claude-code, cursor, ...)"),
        Option(
            "--agent NAME",
            "with FILE: what the agent of the host is called here (default: the host)"),
        Option(
            "--read SERVER.TOOL", "with FILE: this tool only reads, as you know", isRepeatable: true
        ),
        Option(
            "--network SERVER", "with FILE: this server needs the machine's network",
            isRepeatable: true),
        Option(
            "--accept-findings",
            "with FILE: accept what the scanner marks in names, descriptions and schemas"),
    ]

    private let invocation: Invocation
    private let questions: Questions
    private let sources: [HostSource]
    private let agents: [AgentName]
    private let confirmed: Set<ToolAddress>
    /// The servers that are started with the machine's network.
    private let online: Set<String>
    private let directory: String

    init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        for name in ["policy", "person"] where invocation.has(name) {
            throw Failure(
                .usage, "`--\(name)` and FILE do not go together",
                help: "with FILE the policy is written, and `--as` says who answers for it")
        }
        var confirmed: Set<ToolAddress> = []
        for text in invocation.all("read") {
            let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let server = ServerName(parts[0]), let tool = ToolName(parts[1])
            else { throw Failure(.usage, "`\(TerminalEscaping.shown(text))` is not SERVER.TOOL") }
            confirmed.insert(ToolAddress(server: server, tool: tool))
        }
        self.confirmed = confirmed
        online = Set(invocation.all("network"))
        var sources: [HostSource] = []
        for named in invocation.positional {
            let source = try HostSource.read(named, host: invocation["host"])
            guard !sources.contains(where: { $0.path == source.path }) else { continue }
            sources.append(source)
        }
        self.sources = sources
        agents = try Self.agents(of: sources, named: invocation["agent"])
        directory = try Self.directory(invocation)
        questions = try Questions(invocation)
    }

    func run() async throws -> Exit {
        try LaunchFailure.exits(.internalError, try ProcessHardening.makeUndumpable())
        let founder = try Founder(invocation, questions, directory: directory)
        let site = try TakeoverSite(directory)
        defer { site.remove() }
        try HostChanges.judge(
            site.directory, help: "nothing was changed: name a --dir that only root can change")
        var plan = TakeoverPlan(sources, agents)
        try plan.read(questions)
        try refuseUnknownReads(in: plan)
        try refuseUnknownNetworks(in: plan)
        try await ask(&plan, site, founder)
        guard !plan.taken.isEmpty else {
            plan.tellOpen()
            throw Failure(.no, "nothing was taken over, and nothing is changed")
        }
        let made = try TakeoverDeployment(plan, site, founder, invocation)
        let links = try await made.create()
        try lead(plan, made)
        plan.tellOpen()
        Output.line("")
        Output.line("deployment of \(founder.person) in \(made.directory)")
        Output.line("  policy: signed off by \(founder.person) alone (founding)")
        founder.tellKey(of: made.deployment)
        GatewayUser.tell(of: made.deployment)
        for link in links { Output.line("  passkey of \(link.person.address): \(link.url)") }
        Output.line("  start: interlock serve --dir \(made.directory)")
        Output.line("  back:  interlock init --undo --dir \(made.directory)")
        return plan.open.isEmpty ? .ok : .no
    }

    /// Refuses an unknown server of `--read` before anything is started. Its tool is checked once the server has
    /// responded.
    private func refuseUnknownReads(in plan: TakeoverPlan) throws(Failure) {
        let names = plan.servers.map(\.name)
        for address in confirmed.sorted(by: { $0.wireName < $1.wireName })
        where !names.contains(address.server) {
            plan.tellOpen()
            throw Failure(
                .notFound,
                "`--read \(address)`: no server that is taken over is called `\(address.server)`",
                help: "servers: " + names.map(\.text).joined(separator: ", "))
        }
    }

    private func refuseUnknownNetworks(in plan: TakeoverPlan) throws(Failure) {
        let programs = plan.servers.filter(\.isOffline).map(\.name.text)
        guard let unknown = online.subtracting(programs).min() else { return }
        plan.tellOpen()
        throw Failure(
            .notFound,
            "`--network \(TerminalEscaping.shown(unknown))`: no program that is taken over is called so",
            help: "programs: " + programs.joined(separator: ", "))
    }

    /// Queries a server, and again with the machine's network if a person agrees; `--yes` does not agree to that.
    private func answer(
        of server: inout PlannedServer, _ site: TakeoverSite, _ founder: Founder,
        _ plan: TakeoverPlan
    ) async throws -> TakeoverSite.Outcome {
        let hostFiles = sources.map(\.path)
        let first = try await site.ask(
            server, founder.person, plan.agents(of: server), hostFiles: hostFiles)
        guard case .silent(let reason) = first, server.isOffline else { return first }
        guard !invocation.has("yes") else {
            return .silent("\(reason) (it has no network without `--network \(server.name)`)")
        }
        Output.line("  without a network it does not answer: \(TerminalEscaping.shown(reason))")
        guard try questions.confirm("  Try it with the machine's, every port and host of it?")
        else { return first }
        server = server.online
        return try await site.ask(
            server, founder.person, plan.agents(of: server), hostFiles: hostFiles)
    }

    /// Shows and starts each server in turn, and asks a person to confirm its tools.
    private func ask(
        _ plan: inout TakeoverPlan, _ site: TakeoverSite, _ founder: Founder
    ) async throws {
        for (index, planned) in plan.servers.enumerated() {
            var server = online.contains(planned.name.text) ? planned.online : planned
            Output.line("")
            Output.line(
                "\(index + 1) of \(plan.servers.count): \(server.name), from \(plan.origin(of: server))"
            )
            for line in server.lines { Output.line(line) }
            let question: String
            switch server.way {
            case .program: question = "  Start it, in a sandbox?"
            case .remote: question = "  Ask it for its tools?"
            }
            guard try questions.confirm(question) else {
                plan.leave(server, "not started, as you said")
                continue
            }
            let live: LiveServers.Answer
            switch try await answer(of: &server, site, founder, plan) {
            case .answered(let answer): live = answer
            case .silent(let reason):
                Output.line("  it does not answer: \(TerminalEscaping.shown(reason))")
                plan.leave(server, "it does not answer: \(reason)")
                continue
            }
            let proposal = PinProposal(
                of: site.connection(of: server), variables: site.variables(of: server),
                network: site.network(of: server), live, beside: nil,
                review: LockReview(by: founder.person, at: SystemClock().now.wall))
            Output.line("  it offers \(live.sighting.definitions.count) tools")
            let review = try ServerReview(
                proposal, of: server.name, instructions: live.handshake.instructions,
                definitions: live.sighting.definitions, confirmed: confirmed,
                acceptsFindings: invocation.has("accept-findings"), questions)
            guard review.isFit else {
                plan.leave(server, "its instructions are not accepted (--accept-findings)")
                continue
            }
            plan.take(server, review)
        }
    }

    /// Changes the hosts' files, as the last step.
    private func lead(_ plan: TakeoverPlan, _ made: TakeoverDeployment) throws(Failure) {
        var changes = try HostChanges(in: made.directory)
        for (index, source) in sources.enumerated() {
            let relays = plan.relays(of: index, made)
            guard !relays.isEmpty else { continue }
            try changes.write(source.file.leading(relays), to: source.path, over: source.bytes)
            Output.line(
                "\(TerminalEscaping.shown(source.path)): \(relays.count) servers lead to the gateway; "
                    + "its backup is in \(HostChanges.backups(in: made.directory))")
        }
    }

    /// The default is not the folder of the project: keys must not be where an agent works.
    static func directory(_ invocation: Invocation) throws(Failure) -> String {
        if let named = invocation["dir"] ?? environment("INTERLOCK_DIR") { return named }
        guard let home = environment("HOME") else {
            throw Failure(.usage, "there is no home folder", help: "--dir DIR")
        }
        return home + "/.interlock"
    }

    /// One agent per host: each has its own token and its own name in the records.
    private static func agents(
        of sources: [HostSource], named: String?
    ) throws(Failure) -> [AgentName] {
        var agents: [AgentName] = []
        for source in sources {
            let text = named ?? source.kind.rawValue
            guard let agent = AgentName(text) else {
                throw Failure(.usage, "`\(TerminalEscaping.shown(text))` is no name of an agent")
            }
            agents.append(agent)
        }
        return agents
    }

    /// Refuses options that have no effect without FILE.
    static func refuseOptions(of invocation: Invocation) throws(Failure) {
        for option in options where invocation.has(option.name) {
            throw Failure(
                .usage, "`--\(option.name)` applies to the FILE of a host, which is missing",
                help: "interlock init .mcp.json")
        }
    }
}
