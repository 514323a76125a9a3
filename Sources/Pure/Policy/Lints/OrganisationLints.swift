import InterlockModel

/// Reports lints about rules for every agent: controls, tiers, servers, forbids, the kill switch.
func lintOrganisation(
    _ document: PolicyDocument, _ table: ToolTable, at now: Timestamp, _ findings: inout Findings
) {
    lintControls(document, &findings)
    lintTiers(document, &findings)
    lintServers(document, at: now, &findings)
    lintForbids(document, table, &findings)
    for warning in document.egressWarnings {
        findings.add(
            warning.value.code, at: warning, "defaults: " + warning.value.sentence,
            help: warning.value.remedy)
    }
    guard let interval = document.drillEvery else {
        findings.add(
            .noKillSwitch, at: document.start, path: "kill_switch", "kill_switch: not stated",
            help: "for instance `kill_switch: org-wide, tested monthly`")
        return
    }
    if interval > DrillInterval.monthly {
        let stated = document.killSwitch ?? document.agents.lazy.compactMap(\.killSwitch).first
        findings.add(
            .drillRare, at: stated?.place ?? document.start, path: stated?.path ?? "kill_switch",
            "kill_switch: rehearsed every \(DrillInterval.days(interval)) only",
            help: "write `org-wide, tested monthly`")
    }
    if let stated = document.killSwitch, let last = stated.value.lastDrill,
        now >= last.end + interval
    {
        findings.add(.drillOverdue, at: stated, "kill_switch: the last drill was on \(last.text)")
    }
}

private func lintControls(_ document: PolicyDocument, _ findings: inout Findings) {
    for effect in Effect.allCases where effect.isGrave {
        let row = document.controls[effect]
        guard row.supervised == .allow || row.trusted == .allow else { continue }
        findings.add(
            .graveEffectAllowed, at: row.place ?? document.start, path: "controls." + effect.name,
            "controls: `\(effect.name)` may not be allowed without approval")
    }
}

private func lintTiers(_ document: PolicyDocument, _ findings: inout Findings) {
    for (lower, higher) in zip(Tier.allCases, Tier.allCases.dropFirst()) {
        guard let below = document.tiers[lower], let above = document.tiers[higher] else {
            continue
        }
        if above.calls.exceeds(below.calls) {
            findings.add(
                .tierTooLax, at: above.callsPlace ?? below.callsPlace ?? document.start,
                path: "tiers.\(higher.rawValue)",
                "tiers: \(higher.rawValue) allows more calls than \(lower.rawValue)")
        }
        if !above.require.isSuperset(of: below.require) {
            let missing = below.require.subtracting(above.require).sorted()
            findings.add(
                .tierTooLax, at: above.requirePlace ?? below.requirePlace ?? document.start,
                path: "tiers.\(higher.rawValue)",
                "tiers: \(higher.rawValue) does not require "
                    + missing.map { "`\($0)`" }.joined(separator: ", ")
                    + ", \(lower.rawValue) does")
        }
    }
}

private func lintServers(
    _ document: PolicyDocument, at now: Timestamp, _ findings: inout Findings
) {
    let tiers = Dictionary(
        document.agents.map { ($0.name.text, $0) }, uniquingKeysWith: { first, _ in first })
    for server in document.servers {
        if let weakness = server.weakness {
            findings.add(
                .weakServer, at: server.connectPlace ?? server.place,
                path: server.path + ".connect", "\(server.name): \(weakness.sentence)",
                help: weakness.remedy)
        }
        for warning in server.sandbox?.warnings ?? [] {
            findings.add(
                warning.value.code, at: warning, "\(server.name): " + warning.value.sentence,
                help: warning.value.remedy)
        }
        for dropped in server.droppedReads {
            findings.add(
                .pathDropped, at: dropped.path,
                "\(server.name): `\(dropped.path.value)` of `sandbox.read` is dropped, because "
                    + dropped.reason, help: dropped.remedy)
        }
        for tool in server.tools where tool.toolClass != .read && tool.declared.isEmpty {
            findings.add(
                .noEffects, at: tool,
                "\(server.name).\(tool.name): class \(tool.toolClass.rawValue) without effects, "
                    + "counted as irreversible")
        }
        for credential in server.credentials {
            guard let agent = tiers[credential.agent.value] else { continue }
            guard let rotation = credential.rotation else {
                if agent.effectiveTier == .high {
                    findings.add(
                        .tierDemands, at: credential.agent, subject: agent.name,
                        "\(agent.name): tier high demands `rotate_by` of its credential at "
                            + "\(server.name)")
                }
                continue
            }
            if rotation.value.isOverdue(at: now) {
                findings.add(
                    .rotationOverdue, at: rotation,
                    "\(agent.name): the credential at \(server.name) was to be rotated by "
                        + rotation.value.on.text
                        + (rotation.value.isRefused(at: now) ? ", so it is refused" : ""))
            }
        }
    }
}

private func lintForbids(
    _ document: PolicyDocument, _ table: ToolTable, _ findings: inout Findings
) {
    var used: Set<Int> = []
    for row in table.rows { used.formUnion(row.forbids) }
    for (index, rule) in document.forbids.enumerated() where !used.contains(index) {
        findings.add(.forbidWithoutEffect, at: rule, "\(rule.id.value): matches no listed tool")
    }
}
