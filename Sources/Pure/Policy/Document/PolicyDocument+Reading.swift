package import InterlockModel

// Conversion of the typed tree to the types of rules. The tree fits its schema, so whatever is missing here
// was reported before or is optional.

extension PolicyDocument {
    /// Builds the document, and reports what only a whole record shows: exclusive keys, reversed windows.
    ///
    /// - Parameter agents: the agents of the tree, which are read already.
    package init(
        root: TypedValue, agents: [AgentSpec], start: PolicyLocation, findings: inout Findings
    ) {
        self.root = root
        self.start = start
        org = root["org"]?.text
        revision = root["revision"]?.text
        owners = root["owners"]?.people ?? []
        people = root["people"].map { Set($0.items.compactMap(\.person)) }
        killSwitch = root["kill_switch"]?.killSwitch
        if let killSwitch = root["kill_switch"] { checkDrill(killSwitch, &findings) }
        let elevation = root["defaults"]?["elevation"]
        elevationDefaults = ElevationDefaults(
            max: .seconds(elevation?["max"]?.seconds ?? 28_800),
            approvers: Int(elevation?["approvers"]?.integer ?? 2))
        let common = root["defaults"]?["egress"]
        defaultEgress = common?.egress.map(\.value) ?? []
        (commonEgress, egressWarnings) = SandboxReader.rules(of: common, &findings)
        controls = root["controls"]?.controls ?? .builtIn
        tiers = readTiers(root["tiers"])
        var groups: [String: GroupSpec] = [:]
        for member in root["approvals"]?.members ?? [] { groups[member.key] = GroupSpec(member) }
        self.groups = groups
        var servers = (root["servers"]?.members ?? []).compactMap { ServerSpec($0, &findings) }
        let readForbids = readRules(root["forbid"])
        let elevations = (root["elevations"]?.items ?? []).compactMap {
            ElevationSpec($0, &findings)
        }
        .sorted { $0.id.value < $1.id.value }
        var readEffects = readRules(root["effects"])
        let tasks = (root["tasks"]?.members ?? []).compactMap { TaskSpec($0, &findings) }
            .sorted { $0.name < $1.name }
        let isHostInTask = tasks.contains { HostServer.isNamed(by: $0) }
        if let host = servers.first(where: { $0.name == HostServer.name }) {
            findings.add(
                .malformedName, at: host,
                "`host` is the name of the own tools of coding agents, so no server can have it",
                help: "give the server another name")
        } else if agents.contains(where: { HostServer.isNamed(by: $0.scopes) })
            || elevations.contains(where: { HostServer.isNamed(by: $0.scopes) })
            || (readForbids + readEffects).contains(where: HostServer.isNamed)
            || isHostInTask,
            let host = HostServer.spec(&findings)
        {
            servers.append(host)
            readEffects = (readEffects + HostServer.rules).sorted { $0.id.value < $1.id.value }
        }
        servers.sort { $0.name < $1.name }
        self.servers = servers
        resolver = ToolResolver(servers)
        var narrowed: [AgentSpec] = []
        for agent in agents { narrowed.append(agent.narrowed(by: servers, &findings)) }
        self.agents = narrowed.sorted { $0.name < $1.name }
        effectRules = readEffects
        forbids = readForbids
        self.elevations = elevations
        waivers = (root["waivers"]?.items ?? []).compactMap(WaiverSpec.init)
        mergeLimit = root["merge"]?["wip_limit"].map(MergeLimit.init)
        eval = EvalSpec(root["eval"], &findings)
        self.tasks = tasks
        tests = (root["tests"]?.items ?? []).compactMap(TestSpec.init)
    }
}

extension TypedValue {
    var people: [Located<Person>] { items.compactMap { $0.located(\.person) } }
    var texts: [Located<String>] { items.compactMap { $0.located(\.text) } }

    /// The `host:port`, or the host of a rule in the long form.
    var egress: [Located<String>] {
        items.compactMap { $0.located(\.text) ?? $0["host"]?.located(\.text) }
    }

    var killSwitch: Located<KillSwitch>? {
        guard let seconds = self["drill_every"]?.seconds else { return nil }
        let value = KillSwitch(drillEvery: .seconds(seconds), lastDrill: self["last_drill"]?.date)
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

    var effectSet: EffectSet {
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

/// The rules of each tier. A tier takes what it does not state from the built-in one.
private func readTiers(_ value: TypedValue?) -> [Tier: TierRules] {
    var tiers: [Tier: TierRules] = [
        .low: TierRules(classes: [.read], calls: Rate(count: 120, windowSeconds: 60), require: []),
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

/// The rules, sorted by id, so that the choice among several matching rules does not depend on the file.
private func readRules(_ value: TypedValue?) -> [RuleSpec] {
    (value?.items ?? []).compactMap { item in
        guard let id = item["id"]?.located(\.text), let tools = item["tools"] else { return nil }
        return RuleSpec(
            id: id,
            patterns: tools.items.compactMap { $0.located { $0.text.flatMap(ToolPattern.init) } },
            when: item["when"]?.guardText, adds: item["add"]?.text.flatMap { Effect(name: $0) },
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
        delegates = member.value["delegates"]?.text.flatMap(DelegateChoice.init) ?? .anyone
        denials = member.value["denials"]?.text.flatMap(DenialDisclosure.init) ?? .withheld
        place = member.keyPlace
        path = member.value.path
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
