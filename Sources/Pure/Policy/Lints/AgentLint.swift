import InterlockModel

/// Finds the lints of one agent.
struct AgentLint {
    let document: PolicyDocument
    let table: ToolTable
    let agent: AgentSpec
    let cells: [Cell]
    let now: Timestamp

    func run(_ findings: inout Findings) {
        lintStatements(&findings)
        lintScopes(&findings)
        lintTier(&findings)
        lintApprovals(&findings)
        lintReach(&findings)
    }

    private var name: String { agent.name.text }

    private func report(
        _ code: FindingCode, at place: PolicyLocation? = nil, path: String? = nil,
        _ message: String, help: String? = nil, to findings: inout Findings
    ) {
        findings.add(
            code, at: place ?? agent.place, path: path ?? agent.path, subject: agent.name,
            message, help: help)
    }

    /// L101 to L106 and L119: the statements of the agent itself.
    private func lintStatements(_ findings: inout Findings) {
        if agent.owner == nil { report(.noOwner, "\(name): no owner", to: &findings) }
        if agent.purpose == nil { report(.noPurpose, "\(name): no purpose", to: &findings) }
        if agent.tier == nil {
            report(.noTier, "\(name): no tier, counted as low", to: &findings)
        }
        if agent.stage == nil {
            report(.noStage, "\(name): no stage, counted as observe", to: &findings)
        }
        if let review = agent.reviewBy {
            if now >= review.value.end {
                report(
                    .reviewExpired, at: review.place, path: review.path,
                    "\(name): the review ended on \(review.value.text)", to: &findings)
            }
        } else {
            report(.noReview, "\(name): no review_by", to: &findings)
        }
        if let own = agent.killSwitch, let other = document.killSwitch,
            own.value.drillEvery < other.value.drillEvery
        {
            report(
                .drillInterval, at: own.place, path: own.path,
                "\(name): demands a shorter drill interval than `kill_switch`", to: &findings)
        }
    }

    /// L112, L113, W201 and W205: scopes that grant nothing, or more than a reader would expect.
    private func lintScopes(_ findings: inout Findings) {
        for scope in agent.scopes {
            guard let server = document.resolver.server(scope.server) else {
                report(
                    .serverNotDescribed, at: scope.place, path: scope.path,
                    "mcp_scopes: server `\(scope.server)` is not described, so its scope grants "
                        + "nothing",
                    help: didYouMean(scope.server, among: document.servers.map(\.name.text)),
                    to: &findings)
                continue
            }
            for grant in scope.grants { lint(grant, server, &findings) }
        }
        for entry in agent.approvalRequired {
            guard case .notDescribed = document.resolver.resolve(entry.value, for: agent) else {
                continue
            }
            report(
                .toolNotDescribed, at: entry.place, path: entry.path,
                "approval_required: `\(entry.value)` is a tool of no described server",
                to: &findings)
        }
    }

    private func lint(_ grant: GrantSpec, _ server: ServerSpec, _ findings: inout Findings) {
        var toolCount = 0
        var isAlwaysForbidden = true
        for cell in cells where cell.grants.contains(where: { $0 === grant }) {
            toolCount += cell.tools.count
            isAlwaysForbidden = isAlwaysForbidden && cell.isForbiddenAlways
        }
        if toolCount == 0 || isAlwaysForbidden {
            report(
                .grantWithoutEffect, at: grant.place, path: grant.path,
                "\(server.name): a grant that "
                    + (toolCount > 0 ? "is always forbidden" : "matches no tool"),
                to: &findings)
        }
        guard case .toolClass(let granted) = grant.selector else { return }
        if granted == .destructive {
            report(
                .wholeClassGrant, at: grant.place, path: grant.path,
                "\(server.name): every destructive tool is granted", to: &findings)
            return
        }
        if toolCount > 20 {
            report(
                .wholeClassGrant, at: grant.place, path: grant.path,
                "\(server.name): one grant of \(toolCount) tools", to: &findings)
        }
    }

    /// L107 to L109 and W224: the permissions and requirements of the tier.
    private func lintTier(_ findings: inout Findings) {
        let tier = agent.effectiveTier
        guard let rules = document.tiers[tier] else { return }
        var reported: Set<String> = []
        for cell in cells where cell.isStanding && !cell.isWithinTier {
            let row = table.rows[cell.tool]
            let place = cell.grants.first?.place ?? cell.approvalEntry?.place
            let path = cell.grants.first?.path ?? cell.approvalEntry?.path ?? agent.path
            guard reported.insert(path).inserted else { continue }
            report(
                .grantAboveTier, at: place, path: path,
                "\(name): \(row.address) is \(row.spec.toolClass.rawValue), which tier "
                    + "\(tier.rawValue) does not have", to: &findings)
        }
        if let calls = agent.calls, calls.value.exceeds(rules.calls) {
            report(
                .limitAboveTier, at: calls.place, path: calls.path,
                "\(name): more calls than tier \(tier.rawValue) allows", to: &findings)
        }
        let stated = [
            "approvers": agent.approvers != nil, "egress": agent.egress != nil,
            "data": agent.data != nil,
        ]
        for key in rules.require.sorted() where stated[key] == false {
            report(.tierDemands, "\(name): tier \(tier.rawValue) demands `\(key)`", to: &findings)
        }
        if agent.tier != nil, tier < computedTier {
            report(
                .tierBelowComputed, at: agent.tier?.place, path: agent.tier?.path,
                "\(name): tier \(tier.rawValue), but what it may do is \(computedTier.rawValue)",
                to: &findings)
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
    private func lintApprovals(_ findings: inout Findings) {
        let column = agent.column(at: agent.effectiveStage)
        var quorum = 0
        var quorumOfOwner = 0
        var first: Cell?
        for cell in cells where cell.canBeGranted(from: now) {
            lintEntry(cell, &findings)
            guard case .approve(let people) = cell.verdict(document.controls, column) else {
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
                        + "no approvers", to: &findings)
            }
            return
        }
        guard let members = document.groups[group.value]?.members else { return }
        var distinct = Set(members.map(\.value))
        let ownerMay = document.waivers.contains {
            $0.lint == FindingCode.ownerInGroup.rawValue && $0.covers(group.path)
                && $0.isLive(at: now)
        }
        if let owner = agent.owner?.value, distinct.contains(owner) {
            report(
                .ownerInGroup, at: group.place, path: group.path,
                "\(name): its owner is in `\(group.value)`, and is not counted", to: &findings)
            if ownerMay { lintSize(distinct.count, quorumOfOwner, group, &findings) }
            distinct.remove(owner)
            if !ownerMay { quorum = max(quorum, quorumOfOwner) }
        } else {
            quorum = max(quorum, quorumOfOwner)
        }
        lintSize(distinct.count, quorum, group, &findings)
    }

    private func lintSize(
        _ eligible: Int, _ quorum: Int, _ group: Located<String>, _ findings: inout Findings
    ) {
        guard eligible < quorum else { return }
        report(
            .groupTooSmall, at: group.place, path: group.path,
            "\(name): \(quorum) approvals can be needed, and `\(group.value)` has \(eligible) "
                + "who may give them", to: &findings)
    }

    private func lintEntry(_ cell: Cell, _ findings: inout Findings) {
        guard let entry = cell.approvalEntry else { return }
        let row = table.rows[cell.tool]
        let toolClass = row.spec.toolClass
        if cell.approvalAlone, toolClass == .destructive || toolClass == .admin {
            report(
                .approvalAloneGrants, at: entry.place, path: entry.path,
                "approval_required: it alone grants \(row.address), which is "
                    + toolClass.rawValue, to: &findings)
        }
        if cell.allEffects == EffectSet(.reversible) {
            report(
                .approvalOfReversible, at: entry.place, path: entry.path,
                "approval_required: \(row.address) is only reversible", to: &findings)
        }
    }

    /// W209, W212 and W220: possible flows of data, and permanent access to production.
    private func lintReach(_ findings: inout Findings) {
        for rule in agent.egress ?? [] where rule.value.contains("*") {
            report(
                .egressWildcard, at: rule.place, path: rule.path,
                "egress: `\(rule.value)` is a wildcard", to: &findings)
        }
        let reachable = cells.filter { $0.canBeGranted(from: now) }
        let readsSensitive = reachable.contains {
            $0.kind.toolClass == .read && $0.allEffects.has(.sensitiveData)
        }
        if readsSensitive, let egress = agent.egress, !egress.isEmpty {
            report(
                .exfiltrationPath, at: nil, path: agent.path,
                "\(name): reads sensitive data and reaches the network", to: &findings)
        }
        for cell in reachable where cell.allEffects.has(.production) {
            guard let grant = cell.grants.first else { continue }
            for tool in cell.tools {
                report(
                    .standingProduction, at: grant.place, path: grant.path,
                    "\(name): a standing grant of \(table.rows[tool].address), which can touch "
                        + "production", help: "use an elevation", to: &findings)
            }
        }
    }
}
