package import InterlockModel

/// One agent as written. It is an immutable class, because there can be thousands of agents.
package final class AgentSpec: PolicyPart {
    package let name: AgentName
    /// The location of the agent's key under `agents`, or of `agent` in a file of its own.
    package let place: PolicyLocation
    package let path: String
    package let owner: Located<Person>?
    package let purpose: String?
    let tier: Located<Tier>?
    package let stage: Located<TrustStage>?
    package let reviewBy: Located<CivilDate>?
    /// Is nil if no sandbox is stated: a run then has the defaults of `isolated`.
    package let sandbox: SandboxSpec?
    /// The `host:port` or the host of each stated rule, or nil if `egress` is not stated.
    package let egress: [Located<String>]?
    /// The search for secrets in the workspace; nil if none is stated, which waives nothing.
    package let scan: ScanSpec?
    /// The behaviour of the agent's hooks; nil if it is not stated.
    package let hooks: HooksSpec?
    /// The rule for calls after untrusted content; nil if none is stated, so that only guards ask for it.
    package let taint: TaintSpec?
    package let approvers: Located<String>?
    package let approvalRequired: [Located<String>]
    package let scopes: [ScopeSpec]
    /// The obligations by tool, or nil if `data` is not stated.
    package let data: [DataSpec]?
    package let hours: HoursSpec?
    package let calls: Located<Rate>?
    /// All entries under `limits`, including `calls`.
    package let limits: [LimitSpec]
    let killSwitch: Located<KillSwitch>?
    /// The workloads, or nil if the policy names none.
    let workloads: AgentWorkloads?

    /// The tier, which is low if it is missing (L103, which holds the agent).
    package var effectiveTier: Tier { tier?.value ?? .low }
    /// The stage that the file states, which is observe if it is missing (L104). `AgentTerms` has the stage
    /// at which calls are decided.
    package var writtenStage: TrustStage { stage?.value ?? .observe }
    /// The profile of the sandbox, or nil if no sandbox is stated.
    package var sandboxProfile: String? { sandbox?.settings.profile.rawValue }

    package init?(_ member: TypedValue.Member, _ findings: inout Findings) {
        guard let name = AgentName(member.key) else { return nil }
        let value = member.value
        self.name = name
        place = member.keyPlace
        path = value.path
        owner = value["owner"]?.located(\.person)
        purpose = value["purpose"]?.text
        tier = value["tier"]?.located { $0.text.flatMap(Tier.init) }
        stage = value["stage"]?["is"]?.located { $0.text.flatMap(TrustStage.init) }
        reviewBy = value["review_by"]?.located(\.date)
        sandbox = value["sandbox"].map { SandboxSpec.read($0, of: .agent, &findings) }
        scan = value["scan"].map { ScanSpec($0, &findings) }
        hooks = value["hooks"].map { HooksSpec($0, &findings) }
        taint = value["taint"].flatMap(TaintSpec.init)
        egress = value["sandbox"]?["egress"]?.egress
        approvers = value["approvers"]?.located(\.text)
        approvalRequired = value["approval_required"]?.texts ?? []
        scopes = readScopes(value["mcp_scopes"])
        data = value["data"].map { $0.members.map(DataSpec.init) }
        hours = value["hours"].flatMap(HoursSpec.init)
        calls = value["limits"]?["calls"]?.located(\.rate)
        limits = readLimits(value["limits"])
        killSwitch = value["kill_switch"]?.killSwitch
        if let killSwitch = value["kill_switch"] { checkDrill(killSwitch, &findings) }
        workloads = value["workloads"].flatMap { AgentWorkloads($0, &findings) }
        for data in value["data"]?.members ?? [] { checkData(data.value, &findings) }
        if let network = value["sandbox"]?["network"], network.text != ServerNetwork.own.rawValue {
            findings.add(
                .outOfPlace, at: network,
                "sandbox: `network: host` is for stdio servers, and never for an agent")
        }
        if let hours = value["hours"], case .clock(let from)? = hours["from"]?.kind,
            case .clock(let to)? = hours["to"]?.kind, from == to
        {
            findings.add(
                .outOfRange, at: hours, "hours: `from` and `to` are equal, which is no time at all")
        }
    }

    /// A copy with other scopes.
    init(_ other: AgentSpec, scopes: [ScopeSpec]) {
        name = other.name
        place = other.place
        path = other.path
        owner = other.owner
        purpose = other.purpose
        tier = other.tier
        stage = other.stage
        reviewBy = other.reviewBy
        sandbox = other.sandbox
        scan = other.scan
        hooks = other.hooks
        taint = other.taint
        egress = other.egress
        approvers = other.approvers
        approvalRequired = other.approvalRequired
        data = other.data
        hours = other.hours
        calls = other.calls
        limits = other.limits
        killSwitch = other.killSwitch
        workloads = other.workloads
        self.scopes = scopes
    }
}
