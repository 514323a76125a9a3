import InterlockModel

/// The files of a policy to begin with: one server, one agent that only reads, and tests. Every value in it is meant to be
/// edited; it checks and tests clean as it is, so that the first finding is about an edit.
struct StarterPolicy {
    let organisation: String
    let owner: Person
    let today: CivilDate

    /// The files by their path in the folder.
    var files: [(path: String, text: String)] {
        [
            ("org.yaml", organisationText), ("servers/tickets.yaml", serverText),
            ("agents/helper.yaml", agentText),
        ]
    }

    private var organisationText: String {
        """
        # The organisation: who answers for this policy, who decides, and what each risk tier allows.
        # `interlock policy check` reads it, `interlock policy explain AGENT` shows what it means.
        interlock: 1
        org: \(organisation)
        owners: [\(owner.address)]
        kill_switch: org-wide, tested monthly
        approvals:
          leads:
            members: [\(owner.address)]   # more than one person, where two have to approve
            expires: 4h
        tiers:
          low: {classes: [read], calls: 120/m}
          medium: {classes: [read, write], calls: 60/m, require: [approvers]}
          high: {classes: [read, write, destructive], calls: 20/m, require: [approvers, egress]}
        tests:
          - {agent: helper, call: tickets.search, expect: allow}
          - {agent: helper, call: tickets.close_ticket, expect: deny}

        """
    }

    private var serverText: String {
        """
        # An MCP server and its tools as people reviewed them. A tool that is not named here is offered to no agent.
        servers:
          tickets:
            connect: {http: "https://tickets.example/mcp"}
            reviewed: {by: \(owner.address), on: "\(today.text)", trust: internal}
            tools:
              search: {class: read}
              get_ticket: {class: read}
              close_ticket: {class: write, effects: [customer_facing]}

        """
    }

    private var agentText: String {
        """
        # One agent: who answers for it, what it is for, and what it may call.
        agents:
          helper:
            owner: \(owner.address)
            purpose: Finds tickets
            tier: low
            stage: supervised
            review_by: "\(CivilDate(daysSince1970: today.daysSince1970 + 90).text)"
            mcp_scopes:
              tickets: [read]   # a class of tools, or tools by name
            limits: {calls: 60/m}

        """
    }
}
