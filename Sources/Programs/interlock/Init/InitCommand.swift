import InterlockCommandLine
import InterlockDeployment
import InterlockEvalCommands
import InterlockModel

extension Command {
    static let initialize = Command(
        "init [FILE...]", "set up a deployment, also from a host's list of MCP servers",
        example: "interlock init ~/.claude.json --org acme",
        options: [
            Option("--dir DIR", "deployment folder, made if it is not there (default: .)"),
            Option("--org NAME", "the organisation; must be the policy's `org`"),
            Option("--policy PATH", "policy folder or file, copied into DIR (default: DIR/policy)"),
            Option(
                "--person EMAIL=KEYFILE[:ROLES]",
                "a founding person, an ssh-ed25519 public key file, and roles of kill, resume, security, break_glass",
                isRepeatable: true),
            Option("--node NAME", "name of this node (default: gw1)"),
            Option("--origin NAME", "name of the log (default: ORG/NODE/YEAR)"),
            Option(
                "--segment SIZE",
                "of the log's write-ahead segments, each of which is written full of zeros, and of its reserve, which has 8 KiB for each call in flight (default: 64MiB)"
            ),
            Option("--agents HOST:PORT", "agent plane (default: 127.0.0.1:7400)"),
            Option("--people HOST:PORT", "people plane (default: 127.0.0.1:7401)"),
            Option(
                "--console URL",
                "where people's browsers find the people plane; prints links by which the founding people enrol passkeys"
            ),
            .person, .key,
        ] + Takeover.options + SystemSetup.options,
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io, .notPermitted],
        notes: """
            With --system, run by root: DIR (default: /var/lib/interlock) belongs to root, its state to the user of
            --user, and a unit starts the gateway as that user.

            Without FILE: a deployment of a policy that is there; an only agent of tier low, whose tools are reviewed, gets a
            starter suite of evals. Founding people need no invitation and no
            waiting time. Two of them hold the role `resume`, unless there is only one person. With --console there is
            a link for each of them, for one passkey, good for 72 hours; later ones need `interlock people invite`.
            A policy with a signed lock is signed off by the founding person whose key is in ssh-agent, or whom --as or
            --key names; so is any policy if --as or --key is given, and any other stays unsigned, which the gateway
            reports as an alarm until people sign it. Later revisions, such as the one with pinned servers, take the
            signature of another person if one is enrolled: give neither option before the lock is signed.

            With FILE, the list of MCP servers of Claude Code (.mcp.json, ~/.claude.json), Claude Desktop, Cursor
            or VS Code: each server is shown with its exact command and started in the sandbox, its tools
            are read, and policy, lock, interlock.yaml and secrets are written to DIR (default: $INTERLOCK_DIR, else
            ~/.interlock). The policy and the lock are signed by your key: from ssh-agent, of --key, or a new one under
            a passphrase. Then the servers in FILE lead to the gateway; its backup lies in DIR/state/backups. Only tools
            that are confirmed as read are granted. Exit 1: something was left open, and is named.
            """
    ) { invocation in
        if invocation.has("system") { return try await SystemSetup(invocation).run() }
        for option in SystemSetup.options where invocation.has(option.name) {
            throw Failure(.usage, "`--\(option.name)` is for `--system`")
        }
        if invocation.has("undo") { return try HostChanges.undo(invocation) }
        if !invocation.positional.isEmpty { return try await Takeover(invocation).run() }
        try Takeover.refuseOptions(of: invocation)
        let setup = try DeploymentSetup(invocation)
        let links = try await setup.run()
        setup.tell(links)
        if let suite = await FirstSuite.make(beside: setup.deployment.policy) {
            Output.line("  evals:  \(suite)")
        }
        Output.line("  next:   interlock serve --dir \(setup.directory)")
        Output.line("  then:   interlock ready --org --dir \(setup.directory)")
        return .ok
    }
}
