import InterlockModel

/// Finds the lints of one agent.
struct AgentLint {
    let document: PolicyDocument
    let table: ToolTable
    let agent: AgentSpec
    let cells: [Cell]
    let now: Timestamp
    private(set) var findings = Findings()

    /// The lints, in the order of the rules.
    consuming func run() -> Findings {
        lintStatements()
        lintScopes()
        lintTier()
        lintApprovals()
        lintReach()
        for warning in agent.sandbox?.warnings ?? [] {
            report(
                warning.value.code, at: warning, warning.value.sentence,
                help: warning.value.remedy)
        }
        for message in agent.hooks?.tooWide ?? [] {
            report(
                .shellAllowsProduction, at: message, message.value,
                help: "write out the words that make it another command")
        }
        if let prompt = agent.hooks?.statedPrompt, let cause = causeOfNoPrompt {
            report(
                .hostPromptUnused, at: prompt, "hooks: `host_prompt: low` asks no user: \(cause)")
        }
        for waiver in agent.scan?.waivers ?? [] {
            guard let problem = waiver.problem(at: now) else { continue }
            report(.uselessWaiver, at: waiver, "scan: the waiver of \(waiver.file) \(problem)")
        }
        return findings
    }

    /// Nil if the host's prompt may be asked about a call, or is not wanted.
    private var causeOfNoPrompt: String? {
        guard agent.hooks?.hostPrompt == .low else { return nil }
        guard agent.effectiveTier == .low else {
            return "the tier is \(agent.effectiveTier.rawValue)"
        }
        let isPossible = cells.contains { cell in
            cell.canBeGranted(from: now) && cell.allEffects.has(.reversible)
                && table.rows[cell.tool].address.server == HostServer.name
        }
        return isPossible ? nil : "the agent has no tool of `host` with the effect `reversible`"
    }

    private var name: String { agent.name.text }

    private mutating func report(_ code: FindingCode, _ message: String) {
        report(code, at: agent, message)
    }

    private mutating func report(
        _ code: FindingCode, at part: some PolicyPart, _ message: String, help: String? = nil
    ) { findings.add(code, at: part, subject: agent.name, message, help: help) }

    /// L101 to L106 and L119: the statements of the agent itself.
    private mutating func lintStatements() {
        if agent.owner == nil { report(.noOwner, "\(name): no owner") }
        if agent.purpose == nil { report(.noPurpose, "\(name): no purpose") }
        if agent.tier == nil {
            report(.noTier, "\(name): no tier, counted as low")
        }
        if agent.stage == nil {
            report(.noStage, "\(name): no stage, counted as observe")
        }
        if let review = agent.reviewBy {
            if now >= review.value.end {
                let deadline = review.value.end + .seconds(AgentEntry.reviewGrace)
                report(
                    .reviewExpired, at: review,
                    "\(name): the review ended on \(review.value.text), so the agent is "
                        + (now < deadline
                            ? "held from \(deadline.rfc3339(fractionDigits: 0)) on"
                            : "held: each of its calls is refused"),
                    help: "review the agent, and set the next `review_by`")
            }
        } else {
            report(.noReview, "\(name): no review_by")
        }
        if let own = agent.killSwitch, let other = document.killSwitch,
            own.value.drillEvery < other.value.drillEvery
        {
            report(
                .drillInterval, at: own,
                "\(name): demands a shorter drill interval than `kill_switch`")
        }
    }

    /// L112, L113, W201 and W205: scopes that grant nothing, or more than a reader would expect.
    private mutating func lintScopes() {
        for scope in agent.scopes {
            guard let server = document.resolver.server(scope.server) else {
                report(
                    .serverNotDescribed, at: scope,
                    "mcp_scopes: server `\(scope.server)` is not described, so its scope grants "
                        + "nothing",
                    help: didYouMean(scope.server, among: document.servers.map(\.name.text)))
                continue
            }
            for grant in scope.grants { lint(grant, server) }
        }
        for entry in agent.approvalRequired {
            guard case .notDescribed = document.resolver.resolve(entry.value, for: agent) else {
                continue
            }
            report(
                .toolNotDescribed, at: entry,
                "approval_required: `\(entry.value)` is a tool of no described server")
        }
    }

    private mutating func lint(_ grant: GrantSpec, _ server: ServerSpec) {
        let own = cells.filter { $0.grants.contains { $0 === grant } }
        let toolCount = own.reduce(0) { $0 + $1.tools.count }
        if toolCount == 0 {
            report(.grantWithoutEffect, at: grant, "\(server.name): a grant that matches no tool")
        } else if own.allSatisfy(\.isForbiddenAlways) {
            let forbids = ForbidNames(own.compactMap(\.forbids.first))
            report(
                .grantWithoutEffect, at: grant,
                "\(server.name): a grant that \(forbids.text) always forbids", help: forbids.help)
        } else {
            lintGuard(of: grant, own.filter(\.isReachable), server)
        }
        guard case .toolClass(let granted) = grant.selector else { return }
        if granted == .destructive {
            report(.wholeClassGrant, at: grant, "\(server.name): every destructive tool is granted")
            return
        }
        if toolCount > 20 {
            report(.wholeClassGrant, at: grant, "\(server.name): one grant of \(toolCount) tools")
        }
    }

    /// W227: a guard that withholds nothing, because another grant gives each of its tools without one.
    private mutating func lintGuard(of grant: GrantSpec, _ own: [Cell], _ server: ServerSpec) {
        guard grant.when != nil, !own.isEmpty else { return }
        var open: GrantSpec?
        for cell in own {
            guard
                let other = cell.grants.first(where: {
                    $0.when == nil && (!$0.sandboxedOnly || grant.sandboxedOnly)
                })
            else { return }
            open = open ?? other
        }
        guard let open else { return }
        report(
            .guardPointless, at: grant,
            "\(server.name): the guard of `\(grant.selector.word)` withholds nothing, because "
                + "`\(open.selector.word)` at \(open.place) grants the same without one",
            help: "leave out this entry, or the unguarded one")
    }

    /// L107 to L109 and W224: the permissions and requirements of the tier.
    private mutating func lintTier() {
        let tier = agent.effectiveTier
        guard let rules = document.tiers[tier] else { return }
        var reported: Set<String> = []
        for cell in cells where cell.isStanding && !cell.isWithinTier {
            let row = table.rows[cell.tool]
            let grant: (any PolicyPart)? = cell.grants.first
            let part = grant ?? cell.approvalEntry ?? agent
            guard reported.insert(part.path).inserted else { continue }
            report(
                .grantAboveTier, at: part,
                "\(name): \(row.address) is \(row.spec.toolClass.rawValue), which tier "
                    + "\(tier.rawValue) does not have")
        }
        if let calls = agent.calls, calls.value.exceeds(rules.calls) {
            report(
                .limitAboveTier, at: calls, "\(name): more calls than tier \(tier.rawValue) allows")
        }
        let stated = [
            "approvers": agent.approvers != nil, "egress": agent.egress != nil,
            "data": agent.data != nil,
        ]
        for key in rules.require.sorted() where stated[key] == false {
            report(.tierDemands, "\(name): tier \(tier.rawValue) demands `\(key)`")
        }
        if let stated = agent.tier, tier < computedTier {
            report(
                .tierBelowComputed, at: stated,
                "\(name): tier \(tier.rawValue), but what it may do is \(computedTier.rawValue)")
        }
    }

    /// The tier that follows from what permanent scopes reach (docs/specs/policy.md, section 8.2).
    private var computedTier: Tier {
        var tier = Tier.low
        for cell in cells where cell.isReachable && cell.isStanding {
            let toolClass = cell.kind.toolClass
            let effects = cell.allEffects
            if toolClass == .destructive || toolClass == .admin || effects.has(.spendsMoney)
                || effects.has(.production)
            {
                return .high
            }
            if toolClass == .write { tier = .medium }
        }
        return tier
    }

    /// L110, L111, W210, W213 and W214: calls that need approval, and the people who can decide them.
    private mutating func lintApprovals() {
        let column = agent.column(at: agent.writtenStage)
        var quorum = 0
        var quorumOfOwner = 0
        var first: Cell?
        // An elevation whose calls too few people can decide is unfit itself (L115).
        for cell in cells where cell.isReachable && cell.isStanding {
            lintEntry(cell)
            guard
                case .approve(let people) = afterReading(
                    cell.withoutElevations.verdict(document.controls, column), cell)
            else {
                continue
            }
            if first == nil { first = cell }
            let effects = cell.allEffects
            if effects.has(.spendsMoney) || effects.has(.production) {
                quorum = max(quorum, people)
            } else {
                quorumOfOwner = max(quorumOfOwner, people)
            }
        }
        guard let group = agent.approvers else {
            if let first {
                report(
                    .noApprovers,
                    "\(name): \(table.rows[first.tool].address) waits for approval, and there are "
                        + "no approvers")
            }
            return
        }
        guard let members = document.groups[group.value]?.members else { return }
        var distinct = Set(members.map(\.value))
        let ownerMay = document.letsOwnerVote(in: group, at: now)
        if let owner = agent.owner?.value, distinct.contains(owner) {
            report(
                .ownerInGroup, at: group,
                "\(name): its owner is in `\(group.value)`, and is not counted")
            if ownerMay { lintSize(distinct.count, quorumOfOwner, group) }
            distinct.remove(owner)
            if !ownerMay { quorum = max(quorum, quorumOfOwner) }
        } else {
            quorum = max(quorum, quorumOfOwner)
        }
        lintSize(distinct.count, quorum, group)
    }

    /// Returns the verdict, or approval if people may have to decide because of untrusted content.
    private func afterReading(_ verdict: Verdict, _ cell: Cell) -> Verdict {
        let isOfHost = table.rows[cell.tool].address.server == HostServer.name
        let reach = CallReach(
            cell.allEffects, cell.kind.toolClass, isOfHost: isOfHost, sends: cell.kind.sends)
        guard agent.taint?.mayAsk(reach) == true else { return verdict }
        return max(verdict, .approve(1))
    }

    private mutating func lintSize(_ eligible: Int, _ quorum: Int, _ group: Located<String>) {
        guard eligible < quorum else { return }
        report(
            .groupTooSmall, at: group,
            "\(name): \(quorum) approvals can be needed, and `\(group.value)` has \(eligible) "
                + "who may give them, so the agent is held")
    }

    private mutating func lintEntry(_ cell: Cell) {
        guard let entry = cell.approvalEntry else { return }
        let row = table.rows[cell.tool]
        let toolClass = row.spec.toolClass
        if cell.approvalAlone, toolClass == .destructive || toolClass == .admin {
            report(
                .approvalAloneGrants, at: entry,
                "approval_required: it alone grants \(row.address), which is " + toolClass.rawValue)
        }
        if cell.allEffects == EffectSet(.reversible) {
            report(
                .approvalOfReversible, at: entry,
                "approval_required: \(row.address) is only reversible")
        }
    }

    /// W209, W212, W220 and W244: possible flows of data, and permanent access to production.
    private mutating func lintReach() {
        for rule in agent.egress ?? [] where rule.value.contains("*") {
            report(.egressWildcard, at: rule, "egress: `\(rule.value)` is a wildcard")
        }
        let reachable = cells.filter { $0.canBeGranted(from: now) }
        let readsSensitive = reachable.contains {
            $0.kind.toolClass == .read && $0.allEffects.has(.sensitiveData)
        }
        if readsSensitive, let egress = agent.egress, !egress.isEmpty {
            report(.exfiltrationPath, "\(name): reads sensitive data and reaches the network")
        }
        if readsSensitive, let sender = reachable.first(where: { $0.kind.sends }) {
            report(
                .exfiltrationPath,
                "\(name): reads sensitive data and sends by \(table.rows[sender.tool].address)")
        }
        let trifecta = TrifectaLint(
            document: document, table: table, agent: agent, cells: reachable)
        if let sentence = trifecta.sentence { report(.lethalTrifecta, sentence) }
        for cell in reachable where cell.allEffects.has(.production) {
            guard let grant = cell.grants.first else { continue }
            for tool in cell.tools {
                report(
                    .standingProduction, at: grant,
                    "\(name): a standing grant of \(table.rows[tool].address), which can touch "
                        + "production", help: "use an elevation")
            }
        }
    }
}
