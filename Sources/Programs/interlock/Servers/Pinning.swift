import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockHosts
import InterlockJSON
import InterlockLogReading
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockSafety

/// One run of `servers pin`: queries the servers, shows the differences, and writes and signs with `--accept`. The entry
/// of a server that does not respond stays unchanged, and is left open.
struct Pinning {
    private let deployment: Deployment
    private let policy: LoadedPolicy
    private let invocation: Invocation
    private let before: LockBefore
    /// The servers to query; sorted.
    private let servers: [(name: ServerName, connection: ServerConnection)]
    /// Is nil if nothing is accepted.
    private let signer: PersonSigner?
    private let choice: PinChoice

    init(
        _ deployment: Deployment, _ policy: LoadedPolicy, _ invocation: Invocation
    ) throws(Failure) {
        self.deployment = deployment
        self.policy = policy
        self.invocation = invocation
        servers = try Self.servers(invocation.positional, of: policy.snapshot)
        choice = try PinChoice(invocation)
        signer =
            invocation.has("accept")
            ? try Self.signer(invocation, deployment, policy.snapshot) : nil
        before = try LockBefore(deployment, policy.snapshot)
        if let problem = before.problem {
            Output.error("interlock: nothing of the old lock is taken over: \(problem)")
        }
    }

    func run() async throws(Failure) -> Exit {
        let live = try await LiveServers.ask(
            Set(servers.map(\.name)), of: policy.snapshot, deployment,
            reviewed: before.trusted?.servers ?? [:])
        if live.answers.isEmpty { try live.refuseSilence(help: "nothing is written") }
        let review = try review()
        let old = before.trusted?.servers ?? [:]
        var entries = old
        var leftOut: [ServerName: [(name: String, reason: String)]] = [:]
        for (name, connection) in servers {
            guard let answer = live.answers[name] else { continue }
            let proposal = PinProposal(
                of: connection, variables: Self.variables(of: name, policy.snapshot),
                network: policy.snapshot.servers[name]?.network ?? .own,
                owner: policy.snapshot.servers[name]?.owner, answer, beside: old[name],
                review: review)
            leftOut[name] = proposal.leftOut
            entries[name] = try choice.entry(proposal.entry, beside: old[name], review)
        }
        var shown = servers.map(\.name).filter { live.answers[$0] != nil }
        if invocation.positional.isEmpty {
            let gone = old.keys.filter { policy.snapshot.servers[$0] == nil }
            for name in gone { entries[name] = nil }
            shown += gone.sorted()
        }
        let scan = DefinitionScan(entries)
        var differs = false
        var findings = 0
        for name in shown {
            let comparison = LockComparison(of: name, from: old[name], to: entries[name])
            let found = entries[name].map { entry in
                scan.findings(
                    comparison, entry,
                    instructions: entry.instructions == old[name]?.instructions
                        ? nil : live.answers[name]?.handshake.instructions)
            }
            show(comparison, entries[name], leftOut[name] ?? [], found ?? [])
            differs = comparison.state != .same || differs
            findings += found?.count ?? 0
        }
        guard findings == 0 || signer == nil || invocation.has("accept-findings") else {
            Output.error(
                "interlock: nothing is written: \(findings) findings are open; accept them with "
                    + "--accept-findings once you have read them")
            return .no
        }
        let exit = try conclude(entries, differs: differs)
        for (name, reason) in live.silent.sorted(by: { $0.key < $1.key }) {
            Output.error(
                "interlock: \(name) is left open, its entry is unchanged: "
                    + TerminalEscaping.shown(reason))
        }
        return live.silent.isEmpty ? exit : .no
    }

    /// Checks the policy against the new lock, for example a class below the floor or a guard that does not match a
    /// schema, then writes the lock if it is to be signed.
    private func conclude(
        _ entries: [ServerName: LockedServer], differs: Bool
    ) throws(Failure) -> Exit {
        let lock = try sound(entries)
        let misfits = PolicyCheck(
            policy.document, lock: .read(lock), with: .system, at: SystemClock().now.wall
        ).findings.filter { $0.code.grade == .error }
        for finding in misfits { Output.error(finding.text) }
        guard let signer else {
            guard differs || before.trusted == nil else { return misfits.isEmpty ? .ok : .no }
            Output.error("interlock: nothing is written; accept with --accept --as EMAIL")
            return .no
        }
        let signed = try lock.signed(by: try signer.sign(.lock, lock.statement))
        try LockFile.write(signed, to: deployment.lock)
        Output.error("interlock: \(deployment.lock) is \(signed.digest.prefixed)")
        do throws(LockProblem) { _ = try before.signers(of: signed) } catch {
            Output.error("interlock: it does not count yet: \(error)")
            return .no
        }
        return misfits.isEmpty ? .ok : .no
    }

    /// Returns the lock with its existing signatures if the content is unchanged.
    private func sound(_ entries: [ServerName: LockedServer]) throws(Failure) -> PolicyLock {
        do throws(FormError) {
            let lock = try PolicyLock(servers: entries, hashing: OpenSSLHashing())
            guard let old = before.trusted, old.content == lock.content else { return lock }
            return old
        } catch { throw Failure(.data, "the lock would not be sound: \(error)") }
    }

    private func show(
        _ comparison: LockComparison, _ entry: LockedServer?,
        _ leftOut: [(name: String, reason: String)], _ findings: [DescriptionFinding]
    ) {
        let text = ComparisonText(
            comparison: comparison, entry: entry, leftOut: leftOut, findings: findings,
            caveat: entry?.caveat, proposals: proposals(comparison, entry))
        if invocation.has("json") {
            Output.json(text.json)
        } else {
            for line in text.lines { Output.line(line) }
        }
    }

    /// The statements about the flow of values that entries of new and changed tools could have.
    private func proposals(
        _ comparison: LockComparison, _ entry: LockedServer?
    ) -> [ToolName: String] {
        let written = policy.snapshot.servers[comparison.server]?.tools ?? [:]
        var proposals: [ToolName: String] = [:]
        for tool in comparison.tools where tool.state == .new || tool.state == .changed {
            let own = written[tool.name]
            guard let locked = entry?.tools[tool.name],
                (own?.flow ?? ToolFlow.none) == ToolFlow.none
            else { continue }
            let name = tool.name.text
            let toolClass =
                own?.toolClass
                ?? ToolSuggestion(
                    name: name, annotations: locked.definition["annotations"]?.object
                ).toolClass
            let suggestion = FlowSuggestion(
                name: name, inputSchema: locked.inputSchema, isRead: toolClass == .read)
            if !suggestion.yaml.isEmpty { proposals[tool.name] = suggestion.yaml }
        }
        return proposals
    }

    /// The named servers, or all that the policy has a transport for; sorted.
    static func servers(
        _ named: [String], of policy: PolicySnapshot
    ) throws(Failure) -> [(name: ServerName, connection: ServerConnection)] {
        var chosen: [(name: ServerName, connection: ServerConnection)] = []
        if named.isEmpty {
            for server in policy.servers.values {
                if let connection = server.connect { chosen.append((server.name, connection)) }
            }
        }
        for text in Set(named) {
            guard let name = ServerName(text), let server = policy.servers[name] else {
                throw Failure(
                    .notFound, "the policy has no server `\(TerminalEscaping.shown(text))`",
                    help: didYouMean(text, among: policy.servers.keys.map(\.text)))
            }
            guard let connection = server.connect else {
                throw Failure(.notFound, "the policy does not say how \(name) is reached")
            }
            chosen.append((name, connection))
        }
        return chosen.sorted { $0.name < $1.name }
    }

    /// The names of the variables in the environment of a server's child.
    static func variables(of server: ServerName, _ policy: PolicySnapshot) -> [String] {
        policy.servers[server].map(UpstreamWiring.variables(of:)) ?? []
    }

    /// The person who has read the accepted content, and signs it.
    private static func signer(
        _ invocation: Invocation, _ deployment: Deployment, _ policy: PolicySnapshot
    ) throws(Failure) -> PersonSigner {
        let signer = try PersonSigner.open(invocation, deployment)
        if let people = policy.people, !people.contains(signer.person.person) {
            throw Failure(.notFound, "`\(signer.person.person)` is not one of the policy's people")
        }
        return signer
    }

    /// The review of the new entries. Without a signer its author is a placeholder, because nothing is written.
    private func review() throws(Failure) -> LockReview {
        guard let person = signer?.person.person ?? Person("nobody@localhost") else {
            throw Failure(.internalError, "nobody has no name")
        }
        return LockReview(by: person, at: SystemClock().now.wall)
    }
}
