import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPorts

extension Command {
    static let serversDrift = Command(
        "servers drift [SERVER...]", "compare the live servers with interlock.lock",
        example: "interlock servers drift crm",
        options: [
            .directory, .json,
            Option(
                "--registry URL",
                "ask this registry of MCP servers, too, what became of the versions in the lock"),
        ],
        exits: .ofOrders,
        notes: """
            Asks the servers as `servers pin` does and writes nothing. Exit 0: all as reviewed. 1: something
            differs. 69: a server did not answer, after the others were compared.
            With --registry one that is deleted there is quarantined at the running gateway (exit 1), one that is
            deprecated is named. The registry's name and version of a server come from what it says of itself or
            from `servers pin --server-json`.
            """
    ) { invocation in
        try hardenProcess()
        let deployment = try Deployment.open(invocation)
        let policy = try deployment.policyWithoutLock().snapshot
        let before = try LockBefore(deployment, policy)
        let lock = try before.trusted ?? LockFile.read(deployment.lock).lock
        guard let lock else {
            throw Failure(
                .notFound, "there is no `\(deployment.lock)` to compare with",
                help: "interlock servers pin")
        }
        if let problem = before.problem { Output.error("interlock: \(problem)") }
        let registry = try RegistryCheck(invocation)
        let names = try Pinning.servers(invocation.positional, of: policy).map(\.name)
        let isKept = try await registry?.run(names, of: lock, deployment) ?? true
        let found = try await drift(from: lock, policy, deployment, invocation)
        return isKept ? found : .no
    }
}

private func drift(
    from lock: PolicyLock, _ policy: PolicySnapshot, _ deployment: Deployment,
    _ invocation: Invocation
) async throws(Failure) -> Exit {
    let servers = try Pinning.servers(invocation.positional, of: policy)
    let live = try await LiveServers.ask(
        Set(servers.map(\.name)), of: policy, deployment, reviewed: lock.servers)
    guard let nobody = Person("nobody@localhost") else {
        throw Failure(.internalError, "nobody has no name")
    }
    var differs = false
    for (name, connection) in servers {
        guard let answer = live.answers[name] else { continue }
        let old = lock.servers[name]
        let proposal = PinProposal(
            of: connection, variables: Pinning.variables(of: name, policy),
            network: policy.servers[name]?.network ?? .own, owner: policy.servers[name]?.owner,
            answer,
            // A lock from before the code was reviewed is not drift.
            looksAtCode: old?.code != nil, beside: old,
            review: LockReview(by: nobody, at: SystemClock().now.wall))
        var entry = proposal.entry
        // Another protocol version is not drift while all digests match.
        entry.protocolVersion = old?.protocolVersion ?? entry.protocolVersion
        let comparison = LockComparison(of: name, from: old, to: entry)
        differs = comparison.state != .same || !proposal.leftOut.isEmpty || differs
        let text = ComparisonText(comparison: comparison, entry: entry, leftOut: proposal.leftOut)
        invocation.print(text.json, text.lines.joined(separator: "\n"))
    }
    try live.refuseSilence(help: "name the servers that are up: interlock servers drift SERVER")
    return differs ? .no : .ok
}
