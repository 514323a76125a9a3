import InterlockModel

/// One agent as written. A class, because there can be thousands, and nothing of them changes.
final class AgentSpec: Sendable {
    let name: AgentName
    /// Of its key under `agents`, or of `agent` in a file of its own.
    let place: PolicyLocation
    let path: String
    let owner: Located<Person>?
    let purpose: String?
    let tier: Located<Tier>?
    let stage: Located<TrustStage>?
    let reviewBy: Located<CivilDate>?
    /// The profile; nil when no sandbox is stated.
    let sandboxProfile: String?
    /// `host:port` or the host of each stated rule; nil when `egress` is not stated.
    let egress: [Located<String>]?
    let approvers: Located<String>?
    let approvalRequired: [Located<String>]
    let scopes: [ScopeSpec]
    /// nil when `data` is not stated.
    let data: [DataSpec]?
    let hours: HoursSpec?
    let calls: Located<Rate>?
    /// Everything under `limits`, `calls` too.
    let limits: [LimitSpec]
    let killSwitch: Located<KillSwitch>?
    /// nil when the policy names none.
    let workloads: AgentWorkloads?
    /// Keys that this version reads and does not enforce, with their places.
    let notEnforced: [Located<String>]

    /// Missing counts as low (and is L103, which holds the agent).
    var effectiveTier: Tier { tier?.value ?? .low }
    /// Missing counts as observe (and is L104).
    var effectiveStage: TrustStage { stage?.value ?? .observe }

    init?(_ member: TypedValue.Member, _ findings: inout Findings) {
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
        sandboxProfile = value["sandbox"].map { $0["profile"]?.text ?? "isolated" }
        egress = value["sandbox"]?["egress"]?.egress
        approvers = value["approvers"]?.located(\.text)
        approvalRequired = value["approval_required"]?.texts ?? []
        scopes = readScopes(value["mcp_scopes"])
        data = value["data"].map { $0.members.map(DataSpec.init) }
        hours = value["hours"].flatMap(HoursSpec.init)
        calls = value["limits"]?["calls"]?.located(\.rate)
        limits = readLimits(value["limits"])
        killSwitch = value["kill_switch"]?.killSwitch
        workloads = value["workloads"].flatMap { AgentWorkloads($0, &findings) }
        var rest: [Located<String>] = []
        // An empty mapping asks for nothing that would have to be enforced.
        for entry in value.members
        where !entry.value.members.isEmpty
            && ["hooks", "scan", "taint"].contains(entry.key)
        {
            rest.append(Located(entry.key, place: entry.keyPlace, path: entry.value.path))
        }
        // There is no listener of a run yet.
        if let run = value["workloads"]?["run"], run.flag == true {
            rest.append(Located("workloads.run", place: run.place, path: run.path))
        }
        notEnforced = rest
        for data in value["data"]?.members ?? [] { checkData(data.value, &findings) }
        if let network = value["sandbox"]?["network"], network.text != ServerNetwork.own.rawValue {
            findings.add(
                .outOfPlace, at: network.place, path: network.path,
                "sandbox: `network: host` is for stdio servers, and never for an agent")
        }
        if let hours = value["hours"], case .clock(let from)? = hours["from"]?.kind,
            case .clock(let to)? = hours["to"]?.kind, from == to
        {
            findings.add(
                .outOfRange, at: hours.place, path: hours.path,
                "hours: `from` and `to` are equal, which is no time at all")
        }
    }
}
