import InterlockModel

// From the typed tree to the types that rules are written in. The tree fits its schema, so what is
// missing here was either reported or is optional.

extension PolicyDocument {
    /// Adds what only a whole record shows: exclusive keys, reversed windows.
    init(root: TypedValue, start: SourcePlace, findings: inout Findings) {
        self.root = root
        self.start = start
        org = root["org"]?.text
        revision = root["revision"]?.text
        owners = root["owners"]?.people ?? []
        people = root["people"].map { Set($0.items.compactMap(\.person)) }
        killSwitch = root["kill_switch"]?.killSwitch
        let elevation = root["defaults"]?["elevation"]
        elevationDefaults = ElevationDefaults(
            max: .seconds(elevation?["max"]?.seconds ?? 28_800),
            approvers: Int(elevation?["approvers"]?.integer ?? 2))
        defaultEgress = root["defaults"]?["egress"]?.egress.map(\.value) ?? []
        controls = root["controls"]?.controls ?? .builtIn
        tiers = readTiers(root["tiers"])
        var groups: [String: GroupSpec] = [:]
        for member in root["approvals"]?.members ?? [] { groups[member.key] = GroupSpec(member) }
        self.groups = groups
        var servers: [ServerSpec] = []
        for member in root["servers"]?.members ?? [] {
            if let server = ServerSpec(member, &findings) { servers.append(server) }
        }
        self.servers = servers.sorted { $0.name < $1.name }
        resolver = ToolResolver(self.servers)
        var agents: [AgentSpec] = []
        for member in root["agents"]?.members ?? [] {
            if let agent = AgentSpec(member, &findings) { agents.append(agent) }
        }
        self.agents = agents.sorted { $0.name < $1.name }
        effectRules = readRules(root["effects"])
        forbids = readRules(root["forbid"])
        var elevations: [ElevationSpec] = []
        for item in root["elevations"]?.items ?? [] {
            if let one = ElevationSpec(item, &findings) { elevations.append(one) }
        }
        self.elevations = elevations.sorted { $0.id.value < $1.id.value }
        waivers = (root["waivers"]?.items ?? []).compactMap(WaiverSpec.init)
        tests = (root["tests"]?.items ?? []).compactMap(TestSpec.init)
    }
}

extension TypedValue {
    var people: [Located<Person>] { items.compactMap { $0.located(\.person) } }
    var texts: [Located<String>] { items.compactMap { $0.located(\.text) } }

    /// `host:port`, or the host of a rule in the long form.
    fileprivate var egress: [Located<String>] {
        items.compactMap { $0.located(\.text) ?? $0["host"]?.located(\.text) }
    }

    fileprivate var killSwitch: Located<KillSwitch>? {
        guard let seconds = self["drill_every"]?.seconds else { return nil }
        let value = KillSwitch(
            drillEvery: .seconds(seconds), lastDrill: self["last_drill"]?.date)
        return Located(value, place: place, path: path)
    }

    fileprivate var controls: Controls {
        var table = Controls.builtIn
        for member in members {
            guard let effect = Effect(name: member.key),
                let supervised = member.value["supervised"]?.verdict,
                let trusted = member.value["trusted"]?.verdict
            else { continue }
            table[effect] = Controls.Row(
                supervised: supervised, trusted: trusted, place: member.keyPlace)
        }
        return table
    }

    fileprivate var effectSet: EffectSet {
        var set = EffectSet()
        for item in items {
            if let effect = item.text.flatMap({ Effect(name: $0) }) { set.insert(.init(effect)) }
        }
        return set
    }

    fileprivate var classSet: Set<ToolClass> {
        Set(items.compactMap { $0.text.flatMap { ToolClass(rawValue: $0) } })
    }
}

/// A tier takes what it does not state from the built-in one.
private func readTiers(_ value: TypedValue?) -> [Tier: TierRules] {
    var tiers: [Tier: TierRules] = [
        .low: TierRules(
            classes: [.read], calls: Rate(count: 120, windowSeconds: 60), require: []),
        .medium: TierRules(
            classes: [.read, .write], calls: Rate(count: 60, windowSeconds: 60),
            require: ["approvers"]),
        .high: TierRules(
            classes: [.read, .write, .destructive], calls: Rate(count: 20, windowSeconds: 60),
            require: ["approvers", "egress", "data"]),
    ]
    for member in value?.members ?? [] {
        guard let tier = Tier(rawValue: member.key), var rules = tiers[tier] else { continue }
        if let classes = member.value["classes"] { rules.classes = classes.classSet }
        if let calls = member.value["calls"], let rate = calls.rate {
            rules.calls = rate
            rules.callsPlace = calls.place
        }
        if let require = member.value["require"] {
            rules.require = Set(require.items.compactMap(\.text))
            rules.requirePlace = require.place
        }
        tiers[tier] = rules
    }
    return tiers
}

/// Sorted by id, so that which of several matching rules is named does not depend on the file.
private func readRules(_ value: TypedValue?) -> [RuleSpec] {
    (value?.items ?? []).compactMap { item in
        guard let id = item["id"]?.located(\.text), let tools = item["tools"] else { return nil }
        return RuleSpec(
            id: id,
            patterns: tools.items.compactMap { $0.located { $0.text.flatMap(ToolPattern.init) } },
            when: item["when"]?.guardText,
            adds: item["add"]?.text.flatMap { Effect(name: $0) },
            classes: item["classes"]?.classSet ?? [],
            agents: item["agents"]?.texts ?? [],
            tiers: Set(
                item["tiers"]?.items.compactMap { $0.text.flatMap { Tier(rawValue: $0) } } ?? []),
            place: item.place, path: item.path)
    }.sorted { $0.id.value < $1.id.value }
}

extension GroupSpec {
    fileprivate init(_ member: TypedValue.Member) {
        name = member.key
        members = member.value["members"]?.people ?? []
        expires = .seconds(member.value["expires"]?.seconds ?? 900)
        escalateAfter = member.value["escalate"]?["after"]?.seconds.map { .seconds($0) }
        escalateTo = member.value["escalate"]?["to"]?.located(\.person)
        place = member.keyPlace
        path = member.value.path
    }
}

extension AgentSpec {
    fileprivate init?(_ member: TypedValue.Member, _ findings: inout Findings) {
        guard let name = AgentName(member.key) else { return nil }
        let value = member.value
        self.name = name
        place = member.keyPlace
        path = value.path
        owner = value["owner"]?.located(\.person)
        purpose = value["purpose"]?.text
        tier = value["tier"]?.located { $0.text.flatMap(Tier.init) }
        stage = value["stage"]?["is"]?.located { $0.text.flatMap(Stage.init) }
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
        var rest: [Located<String>] = []
        // An empty mapping asks for nothing that would have to be enforced.
        for entry in value.members
        where !entry.value.members.isEmpty
            && ["limits", "hooks", "scan", "taint", "workloads"].contains(entry.key)
        {
            rest.append(Located(entry.key, place: entry.keyPlace, path: entry.value.path))
        }
        notEnforced = rest
        for data in value["data"]?.members ?? [] { checkData(data.value, &findings) }
        if let hours = value["hours"], case .clock(let from)? = hours["from"]?.kind,
            case .clock(let to)? = hours["to"]?.kind, from == to
        {
            findings.add(
                .outOfRange, at: hours.place, path: hours.path,
                "hours: `from` and `to` are equal, which is no time at all")
        }
    }
}

extension ServerSpec {
    fileprivate init?(_ member: TypedValue.Member, _ findings: inout Findings) {
        guard let name = ServerName(member.key) else { return nil }
        let value = member.value
        self.name = name
        place = member.keyPlace
        path = value.path
        connection = readConnection(value["connect"], &findings)
        let sandbox = value["connect"]?["sandbox"]
        sandboxRead = sandbox?["read"]?.items.compactMap(\.text) ?? []
        sandboxWrite = sandbox?["writable_cache"]?.items.compactMap(\.text) ?? []
        if let review = value["reviewed"], let by = review["by"]?.person,
            let on = review["on"]?.date,
            let trust = review["trust"]?.text.flatMap(ServerTrust.init)
        {
            reviewed = ServerReview(by: by, on: on, trust: trust)
            reviewerPlace = review["by"]?.place
        } else {
            reviewed = nil
            reviewerPlace = nil
        }
        credentials = (value["credentials"]?.members ?? []).compactMap { entry in
            guard let header = entry.value["header"]?.text,
                let secret = entry.value["secret"]?.located(\.text)
            else { return nil }
            return CredentialSpec(
                agent: Located(entry.key, place: entry.keyPlace, path: entry.value.path),
                header: header, secret: secret, rotateBy: entry.value["rotate_by"]?.located(\.date))
        }
        environment = value["environment"]?.text ?? "production"
        // The first launcher opens paths; what else a sandbox may say comes with the whole one.
        notEnforced = (sandbox?.members ?? [])
            .filter { !["profile", "read", "writable_cache"].contains($0.key) }
            .map { Located("connect.sandbox.\($0.key)", place: $0.keyPlace, path: $0.value.path) }
        var tools: [ToolSpec] = []
        for entry in value["tools"]?.members ?? [] {
            guard let tool = ToolName(entry.key),
                let toolClass = entry.value["class"]?.text.flatMap(ToolClass.init)
            else { continue }
            tools.append(
                ToolSpec(
                    name: tool, toolClass: toolClass,
                    declared: entry.value["effects"]?.effectSet ?? [],
                    data: DataObligations(entry.value["data"]), place: entry.keyPlace,
                    path: entry.value.path))
            if let data = entry.value["data"] { checkData(data, &findings) }
        }
        self.tools = tools.sorted { $0.name < $1.name }
        var positions: [String: Int] = [:]
        for (index, tool) in self.tools.enumerated() { positions[tool.name.text] = index }
        self.positions = positions
        if tools.count > YAMLLimits.toolsOfServer {
            findings.add(
                .tooLarge, at: place, path: path,
                "\(name): more than \(YAMLLimits.toolsOfServer) tools")
        }
        otherItems = Set(
            (value["resources"]?.members ?? []).map { "resource:" + $0.key }
                + (value["prompts"]?.members ?? []).map { "prompt:" + $0.key })
        data = DataObligations(value["data"])
        if let data = value["data"] { checkData(data, &findings) }
    }
}

private func readConnection(
    _ value: TypedValue?, _ findings: inout Findings
) -> ServerConnection? {
    guard let value else { return nil }
    let argv = value["stdio"]?.items.compactMap(\.text)
    switch (value["http"]?.text, argv) {
    case (let url?, nil): return .http(url)
    case (nil, let argv?) where !argv.isEmpty: return .stdio(argv)
    case (nil, []?):
        findings.add(
            .wrongShape, at: value.place, path: value.path, "connect: `stdio` names no program")
        return nil
    default: return nil  // has its own finding
    }
}

private func readScopes(_ value: TypedValue?) -> [ScopeSpec] {
    var scopes: [ScopeSpec] = []
    for member in value?.members ?? [] {
        var grants: [GrantSpec] = []
        for item in member.value.items {
            let selector: GrantSpec.Selector
            switch (item["class"]?.text.flatMap(ToolClass.init), item["tool"]?.text) {
            case (let toolClass?, nil): selector = .toolClass(toolClass)
            case (nil, let tool?): selector = .tool(tool)
            default: continue  // has its own finding
            }
            grants.append(
                GrantSpec(
                    selector: selector, when: item["when"]?.guardText,
                    sandboxedOnly: item["sandboxed"]?.flag ?? false, place: item.place,
                    path: item.path))
        }
        scopes.append(
            ScopeSpec(
                server: member.key, place: member.keyPlace, path: member.value.path,
                grants: grants))
    }
    return scopes
}

extension ElevationSpec {
    fileprivate init?(_ value: TypedValue, _ findings: inout Findings) {
        guard let id = value["id"]?.located(\.text), let agent = value["agent"]?.located(\.text),
            let from = value["from"]?.instant, let until = value["until"]?.instant
        else { return nil }
        self.id = id
        self.agent = agent
        self.from = from
        self.until = until
        scopes = readScopes(value["grant"])
        approvedBy = value["approved_by"]?.people ?? []
        reason = value["reason"]?.text
        place = value.place
        path = value.path
        if from >= until {
            findings.add(
                .reversedWindow, at: value["until"]?.place ?? value.place, path: value.path,
                "\(id.value): ends before it begins")
        }
    }
}

extension WaiverSpec {
    fileprivate init?(_ value: TypedValue) {
        guard let lint = value["lint"]?.text, let at = value["at"]?.text,
            let owner = value["owner"]?.located(\.person), let until = value["until"]?.date
        else { return nil }
        self.lint = lint
        self.at = at
        self.owner = owner
        self.until = until
        place = value.place
        path = value.path
    }
}
