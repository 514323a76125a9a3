import InterlockModel

/// The files of a policy for Claude Code in `interlock run`, whose own tools are calls of the server `host`. It needs
/// no second person: what would take an approval is denied, because an agent's owner cannot approve it.
struct ClaudeCodeStarter {
    static let agent = "claude-code"

    let organisation: String
    let owner: Person
    let today: CivilDate

    /// The files by their path in the folder.
    var files: [(path: String, text: String)] {
        [("org.yaml", organisationText), ("agents/\(Self.agent).yaml", agentText)]
    }

    /// The day of the next review, 90 days ahead; a waiver may reach 180.
    private var review: String { CivilDate(daysSince1970: today.daysSince1970 + 90).text }

    private var organisationText: String {
        """
        # Claude Code as an agent of one person: who answers for it, and what it may do alone.
        # `interlock policy check` reads it, `interlock policy explain \(Self.agent)` shows what it means.
        interlock: 1
        org: \(organisation)
        owners: [\(owner.address)]
        kill_switch: org-wide, tested monthly
        tiers:
          low: {classes: [read, write], calls: 240/m}
        controls:
          # Edits are in a layer over the project, and reach it by `interlock workspace apply` alone.
          reversible: {supervised: allow, trusted: allow}
          # A push, a deletion, a deployment, and every command that is not understood. With a second person, state
          # a group in `approvals` and `approvers` of the agent, and `approve` here.
          irreversible: {supervised: deny, trusted: deny}
          production: {supervised: deny, trusted: deny}
        waivers:
          - lint: W220
            at: agents.\(Self.agent)
            owner: \(owner.address)
            until: "\(review)"
            reason: controls deny what deploys, and the sandbox reaches no host
          - lint: W224
            at: agents.\(Self.agent)
            owner: \(owner.address)
            until: "\(review)"
            reason: controls deny what is irreversible
        tests:
          - {agent: \(Self.agent), call: host.write, expect: allow}
          - {agent: \(Self.agent), call: host.shell, args: {class: test}, expect: allow}
          - {agent: \(Self.agent), call: host.shell, args: {class: push}, expect: deny}
          - {agent: \(Self.agent), call: host.fetch, expect: deny}

        """
    }

    private var agentText: String {
        """
        # Claude Code: who answers for it, which of its own tools it may use, and what its sandbox reaches.
        agents:
          \(Self.agent):
            owner: \(owner.address)
            purpose: Works on projects of its owner
            tier: low
            stage: supervised
            review_by: "\(review)"
            mcp_scopes:
              host: [{tool: read}, {tool: search}, {tool: agent}, {tool: write}, {tool: edit}, {tool: shell}]
            hooks:
              # Commands that count as reads, besides those that Interlock knows: plain words, `*` for the rest.
              shell_allow: ["make test"]
            sandbox:
              # The key is secrets/anthropic of the deployment, and never inside.
              models: [{name: main, upstream: "https://api.anthropic.com", key: "files:anthropic"}]
              egress: []   # no other host; for packages, for instance [registry.npmjs.org:443]
              env:
                GIT_AUTHOR_NAME: \(Self.agent)
                GIT_AUTHOR_EMAIL: \(owner.address)
                GIT_COMMITTER_NAME: \(Self.agent)
                GIT_COMMITTER_EMAIL: \(owner.address)
                CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"   # otherwise it tries hosts that are refused

        """
    }
}
