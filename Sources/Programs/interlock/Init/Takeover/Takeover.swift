import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
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
            "--yes", "with FILE: ask nothing; grant tools that say they only read, and resources"),
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

    /// The hidden tools of a server that are named at the end.
    private static let mostNamed = 12

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
        printVisibility(plan, made)
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

    /// Shows each server in turn and asks whether to start it, starts those side by side, and asks a person to confirm
    /// what each offers.
    private func ask(
        _ plan: inout TakeoverPlan, _ site: TakeoverSite, _ founder: Founder
    ) async throws {
        var servers: [PlannedServer] = []
        for (index, planned) in plan.servers.enumerated() {
            let server = online.contains(planned.name.text) ? planned.online : planned
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
            servers.append(server)
        }
        for (server, live) in try await answers(of: servers, site, founder, &plan) {
            let proposal = PinProposal(
                of: site.connection(of: server), variables: site.variables(of: server),
                network: site.network(of: server), live, beside: nil,
                review: LockReview(by: founder.person, at: SystemClock().now.wall))
            Output.line("")
            Output.line("\(server.name) offers \(live.sighting.definitions.count) tools")
            let review = try ServerReview(
                proposal, of: server.name, live, confirmed: confirmed,
                acceptsFindings: invocation.has("accept-findings"), questions)
            guard review.isFit else {
                plan.leave(server, "its instructions are not accepted (--accept-findings)")
                continue
            }
            plan.take(server, review)
        }
    }

    /// Queries the servers side by side, and those that do not answer again with the machine's network if a person
    /// agrees; `--yes` does not agree to that.
    ///
    /// - Returns: those that answered, in the order of `servers`.
    private func answers(
        of servers: [PlannedServer], _ site: TakeoverSite, _ founder: Founder,
        _ plan: inout TakeoverPlan
    ) async throws -> [(PlannedServer, LiveServers.Answer)] {
        var servers = servers
        var outcomes = try await outcomes(of: servers, site, founder, plan)
        var again: [PlannedServer] = []
        for (place, server) in servers.enumerated() where server.isOffline {
            guard case .silent(let reason)? = outcomes[server.name] else { continue }
            guard !invocation.has("yes") else {
                outcomes[server.name] = .silent(
                    "\(reason) (it has no network without `--network \(server.name)`)")
                continue
            }
            Output.line(
                "\(server.name) does not answer without a network: \(TerminalEscaping.shown(reason))"
            )
            guard try questions.confirm("  Try it with the machine's, every port and host of it?")
            else { continue }
            servers[place] = server.online
            again.append(server.online)
        }
        outcomes.merge(try await self.outcomes(of: again, site, founder, plan)) { $1 }
        var answered: [(PlannedServer, LiveServers.Answer)] = []
        for server in servers {
            switch outcomes[server.name] {
            case .answered(let answer)?: answered.append((server, answer))
            case .silent(let reason)?: plan.leave(server, "it does not answer: \(reason)")
            case nil: plan.leave(server, "it was not asked")
            }
        }
        return answered
    }

    /// Starts all of these servers at once, and says of each when it answered; none waits for another.
    private func outcomes(
        of servers: [PlannedServer], _ site: TakeoverSite, _ founder: Founder, _ plan: TakeoverPlan
    ) async throws -> [ServerName: TakeoverSite.Outcome] {
        guard !servers.isEmpty else { return [:] }
        Output.line("")
        Output.line(
            "asking \(servers.map(\.name.text).joined(separator: ", ")): at most "
                + "\(LiveServers.patience.components.seconds) s")
        let hostFiles = sources.map(\.path)
        let clock = ContinuousClock()
        let begun = clock.now
        return try await withThrowingTaskGroup { group in
            for server in servers {
                let agents = plan.agents(of: server)
                group.addTask {
                    let outcome = try await site.ask(
                        server, founder.person, agents, hostFiles: hostFiles)
                    return (server.name, outcome)
                }
            }
            var outcomes: [ServerName: TakeoverSite.Outcome] = [:]
            for try await (name, outcome) in group {
                outcomes[name] = outcome
                let waited = (clock.now - begun).components
                let time = "\(waited.seconds).\(waited.attoseconds / 100_000_000_000_000_000) s"
                switch outcome {
                case .answered: Output.line("  \(name) answers, after \(time)")
                case .silent(let reason):
                    Output.line(
                        "  \(name) does not answer, after \(time): \(TerminalEscaping.shown(reason))"
                    )
                }
            }
            return outcomes
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

    /// Says what agents see of each server and what is hidden, so that no takeover ends with nothing to see unsaid.
    private func printVisibility(_ plan: TakeoverPlan, _ made: TakeoverDeployment) {
        Output.line("")
        Output.line("what agents see there now:")
        for (server, review) in plan.taken {
            let hidden = review.hidden
            var parts = ["\(review.tools.count - hidden.count) of \(review.tools.count) tools"]
            if review.offered.resources > 0 {
                parts.append("\(review.resources.count) of \(review.offered.resources) resources")
            }
            if review.offered.prompts > 0 {
                parts.append("\(review.prompts.count) of \(review.offered.prompts) prompts")
            }
            Output.line("  \(server.name): \(parts.joined(separator: ", "))")
            guard !hidden.isEmpty else { continue }
            let named = hidden.prefix(Self.mostNamed).map(\.text).joined(separator: ", ")
            let more = hidden.count - min(hidden.count, Self.mostNamed)
            Output.line(
                "    hidden, as not confirmed as read: \(named)"
                    + (more > 0 ? " and \(more) more" : ""))
        }
        guard plan.taken.contains(where: { !$0.review.hidden.isEmpty }) else { return }
        let policy = made.directory + "/policy"
        Output.line("  to show a tool: `class: read` for it in \(policy)/servers/SERVER.yaml, then")
        Output.line(
            "    interlock policy diff \(policy) \(policy) --sign agent --dir \(made.directory)")
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
