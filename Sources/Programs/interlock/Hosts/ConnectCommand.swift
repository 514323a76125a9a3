import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockHosts
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

extension Command {
    static let connect = Command(
        "connect AGENT", "print or write what leads a host's agent to this gateway",
        example: "interlock connect refunds --host claude-code --write",
        options: [
            .directory,
            Option("--host HOST", "claude-code, claude-desktop, cursor, vscode or codex"),
            Option("--server SERVER", "this server alone, with its own names"),
            Option(
                "--write", "fetch a token into a file of the deployment, and write the host's file"),
            Option("--purpose TEXT", "what the token is for, or a task of the policy"),
            Option("--file FILE", "the host's file (default: the user's own of that host)"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io, .notPermitted],
        notes: """
            Without --write nothing is changed and no token is made. With it the gateway must run: the token lives
            31 days, and the same command renews it. A backup lies beside a file that was there;
            `interlock init --undo` takes back what was written. Of Codex's config.toml only a new section is
            ever written, at its end.
            """
    ) { invocation in try HostConnection(invocation).run() }
}

/// One run of `interlock connect`.
private struct HostConnection {
    /// The name of the gateway's own entry in hosts' files.
    private static let entryName = "interlock"

    private let deployment: Deployment
    private let agent: AgentName
    private let kind: HostKind?
    private let relay: RelayCommand
    private let name: String
    private let file: String?
    private let isWriting: Bool
    private let purpose: String?

    init(_ invocation: Invocation) throws(Failure) {
        deployment = try Deployment.open(invocation)
        let policy = try LoadedPolicy.load(
            deployment.policy, lock: .ignored, at: SystemClock().now.wall
        ).snapshot
        let text = invocation.positional[0]
        guard let agent = AgentName(text), policy.agents[agent] != nil else {
            throw Failure(
                .notFound, "the policy has no agent `\(TerminalEscaping.shown(text))`",
                help: didYouMean(text, among: policy.agents.keys.map(\.text)))
        }
        self.agent = agent
        let server = try invocation["server"].map { text throws(Failure) in
            guard let server = ServerName(text), policy.servers[server] != nil else {
                throw Failure(
                    .notFound, "the policy has no server `\(TerminalEscaping.shown(text))`",
                    help: didYouMean(text, among: policy.servers.keys.map(\.text)))
            }
            return server
        }
        kind = try invocation["host"].map { text throws(Failure) in
            try HostSource.kind(named: text)
        }
        isWriting = invocation.has("write")
        purpose = invocation["purpose"]
        guard !isWriting || kind != nil else {
            throw Failure(.usage, "whose file is written? `--host` is missing")
        }
        guard isWriting || !invocation.has("file") else {
            throw Failure(.usage, "`--file` names what `--write` writes, and `--write` is missing")
        }
        guard isWriting || purpose == nil else {
            throw Failure(
                .usage, "missing `--write`",
                help: "`--purpose` is signed into the token that it issues")
        }
        let own = kind.flatMap { kind in environment("HOME").map { $0 + "/" + kind.userFile } }
        file = invocation["file"] ?? own
        name = server?.text ?? Self.entryName
        relay = HostRelay(deployment).command(agent, server: server)
    }

    func run() throws(Failure) -> Exit {
        guard isWriting, let kind, let file else {
            try show()
            return .ok
        }
        // Checked before a token is issued.
        try HostChanges.judge(
            deployment.directory,
            help:
                "nothing was written: `interlock connect \(agent) --host \(kind.rawValue)` without "
                + "--write prints the entry and the command for its token, to be put in place by hand"
        )
        let change = try change(of: file, kind)
        let answer = try GatewayClient(deployment).post(
            "/v1/tokens",
            [
                "agent": .string(agent.text),
                "purpose": .string(purpose ?? "connects \(kind.title)"),
                "ttl_s": .integer(TokenLife.bounds.upperBound.components.seconds),
            ])
        guard let token = answer["token"]?.string else {
            throw Failure(.internalError, "the gateway gave no token")
        }
        try HostRelay(deployment).keep(token, of: agent)
        Output.line(
            "token of \(agent) until \(answer["expires"]?.string ?? "-"): "
                + HostRelay(deployment).tokenFile(of: agent))
        guard let change else {
            Output.line("\(TerminalEscaping.shown(file)) leads here already: only the token is new")
            return .ok
        }
        var changes = try HostChanges(in: deployment.directory)
        try changes.write(change.new, to: change.path, over: change.old)
        Output.line("\(TerminalEscaping.shown(change.path)): `\(name)` leads to the gateway")
        Output.line("back: interlock init --undo --dir \(deployment.directory)")
        return .ok
    }

    private struct Change {
        let path: String
        let old: [UInt8]?
        let new: [UInt8]
    }

    /// Returns nil if the host already starts this relay.
    private func change(of file: String, _ kind: HostKind) throws(Failure) -> Change? {
        guard let path = File.realPath(file) else {
            guard let slash = file.lastIndex(of: "/") ?? "/".firstIndex(of: "/"),
                let folder = File.realPath(file.contains("/") ? String(file[...slash]) : ".")
            else {
                throw Failure(
                    .notFound, "there is no folder for `\(TerminalEscaping.shown(file))`",
                    help: "install \(kind.title), or name its file with --file")
            }
            let path = folder + "/" + (file.split(separator: "/").last.map(String.init) ?? "")
            let new =
                kind == .codex
                ? CodexFile([]).adding(name, relay) : HostFile.fresh(name, relay, kind: kind)
            return new.map { Change(path: path, old: nil, new: $0) }
        }
        guard kind == .codex else { return try changeOfJSON(path, kind) }
        let old = try FileFailure.exits(.data, try File.readRegular(path, limit: CodexFile.largest))
        let codex = CodexFile(old)
        if codex.entries.contains(where: { $0.name == name && $0.relay == relay }) { return nil }
        guard let new = codex.adding(name, relay) else {
            throw Failure(
                .no, "`\(path)` has servers in a form, or under a name, that is not added to",
                help: "add by hand:\n\(relay.entryTOML(name))")
        }
        return Change(path: path, old: old, new: new)
    }

    private func changeOfJSON(_ path: String, _ kind: HostKind) throws(Failure) -> Change? {
        let source = try HostSource.read(path, host: kind.rawValue)
        let present = source.file.entries.first { $0.name == name && $0.project == nil }
        if let present {
            if present.relay == relay { return nil }
            // Another relay under this name is replaced, but never a server.
            guard present.relay != nil else {
                throw Failure(
                    .no,
                    "\(TerminalEscaping.shown(path)):\(present.line): `\(name)` is another server",
                    help: "rename it, or take it over: interlock init \(path)")
            }
        }
        return Change(path: path, old: source.bytes, new: source.file.adding(name, relay))
    }

    private func show() throws(Failure) {
        if let kind {
            Output.line("# \(kind.title): ~/\(kind.userFile)")
            if let project = kind.projectFile { Output.line("# or, in a project: \(project)") }
        }
        if kind == .codex {
            Output.text(relay.entryTOML(name))
        } else {
            let table = (kind ?? .claudeCode).table
            let entry = relay.entryJSON(kind ?? .claudeCode)
            Output.line("{\"\(table)\": {\"\(name)\": \(entry)}}")
        }
        guard try HostChanges.foreignPlace(in: deployment.directory) == nil else {
            let file = HostRelay(deployment).tokenFile(of: agent)
            Output.line(
                "# the token, once the gateway runs (31 days), goes into a file that the agent's user alone reads; "
                    + "name it in place of \(file):")
            Output.line(
                "#   interlock agents token \(agent) --ttl 31d --dir \(deployment.directory)")
            return
        }
        Output.line("# the token, once the gateway runs (31 days):")
        Output.line(
            "#   (umask 077; mkdir -p \(deployment.tokens); interlock agents token \(agent) --ttl 31d "
                + "--dir \(deployment.directory) > \(HostRelay(deployment).tokenFile(of: agent)))")
        Output.line("# `--write` does both, with a backup")
    }
}
