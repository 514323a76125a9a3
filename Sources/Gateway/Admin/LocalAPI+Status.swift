import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalAPI {
    func names() -> JSONValue {
        let policy = gateway.policy.snapshot
        let tools = policy.servers.values.flatMap { server in
            server.tools.keys.map { ToolAddress(server: server.name, tool: $0) }
        }
        return [
            "agents": .array(policy.agents.keys.sorted().map { .string($0.text) }),
            "servers": .array(policy.servers.keys.sorted().map { .string($0.text) }),
            "tools": .array(tools.sorted().map { .string($0.description) }),
        ]
    }

    func agents() -> JSONValue {
        let policy = gateway.policy.snapshot
        let agents = policy.agents.values.sorted { $0.name < $1.name }
        return [
            "agents": .array(
                agents.map { agent in
                    [
                        "agent": .string(agent.name.text), "tier": .string(agent.tier.rawValue),
                        "stage": .string(gateway.stage(of: agent.name, in: policy).rawValue),
                        "owner": .string(agent.owner?.address ?? ""),
                        "review_by": .string(agent.reviewBy?.text ?? ""),
                        "purpose": .string(agent.purpose ?? ""),
                    ]
                })
        ]
    }

    /// What runs, what waits, what is stopped, what is not sound.
    func status() async -> JSONValue {
        let policy = gateway.policy.snapshot
        let ledger = gateway.ledger.status
        let keys = gateway.records.keyStatus
        let index = gateway.index.status
        return [
            "org": .string(policy.org), "policy": .string(policy.digest.prefixed),
            "lock": policy.lock.map { .string($0.digest.prefixed) } ?? .null,
            "policy_load": policyStatus(), "agents": .integer(Int64(policy.agents.count)),
            "elevations": elevationList()["elevations"] ?? [],
            "servers": .array(policy.servers.keys.sorted().map { .object(server($0, policy)) }),
            "ledger": [
                "records": .integer(Int64(clamping: ledger.size)),
                "root": .string(ledger.root.base64),
                "open_intents": .integer(Int64(ledger.openIntents)),
                "refusing": ledger.refusing.map(JSONValue.string) ?? .null,
                "memory": .string(witnesses?.desk.memory ?? WitnessDesk.noMemory),
                "lint": witnesses?.desk.lint.map(JSONValue.string) ?? .null,
            ],
            "payload_keys": [
                "lost_runs": .integer(Int64(keys.lostRuns)),
                "fault": keys.failure.map(JSONValue.string) ?? .null,
            ],
            "index": [
                "records": .integer(Int64(clamping: index.size)),
                "fault": index.fault.map(JSONValue.string) ?? .null,
            ],
            "runs": ["open": .integer(Int64(gateway.runs.openCount))],
            "approvals_pending": .integer(Int64(gateway.approvals.pendingCount)),
            "console": console.json,
            "break_glass": breakGlassStatus(),
            "channels": await channelStandings(),
            "halts": halts()["halts"] ?? [],
            "drill": .object(drills.standing.json),
            "in_flight": .integer(Int64(gateway.inFlight.count)),
            "context": [
                "with": .integer(Int64(gateway.counters.withContext.value)),
                "without": .integer(Int64(gateway.counters.withoutContext.value)),
            ],
            "not_enforced": .array(notEnforced().map(JSONValue.string)),
        ]
    }

    /// The three questions about one agent: what may it do, how is that enforced; what it did is read
    /// from the log by the command itself.
    func status(of text: String) throws(LocalRefusal) -> JSONValue {
        let policy = gateway.policy.snapshot
        guard let name = AgentName(text), let agent = policy.agents[name] else {
            throw LocalRefusal(
                404, "there is no agent `\(text)`",
                help: "agents: " + policy.agents.keys.sorted().map(\.text).joined(separator: ", "))
        }
        let stage = gateway.stage(of: name, in: policy)
        return [
            "agent": .string(text), "owner": .string(agent.owner?.address ?? ""),
            "purpose": .string(agent.purpose ?? ""), "tier": .string(agent.tier.rawValue),
            "stage": .string(stage.rawValue), "review_by": .string(agent.reviewBy?.text ?? ""),
            "at": .string(agent.place.description), "policy": .string(policy.digest.prefixed),
            "workload": .string(agent.workloads?.description ?? Self.weakBinding),
            "held": .array(agent.incomplete.map(JSONValue.string)),
            "halted": gateway.halts.match(
                agent: name, owner: gateway.policy.owner(of: name), server: nil, tool: nil, run: nil
            ).map { .string($0.text) } ?? .null,
            "tools": .array(tools(of: name, stage, policy)),
            "enforced_by": .array(
                Self.controls.map { ["control": .string($0.0), "at": .string($0.1)] }),
            "not_enforced": .array(notEnforced().map(JSONValue.string)),
        ]
    }

    private func tools(of agent: AgentName, _ stage: Stage, _ policy: PolicySnapshot) -> [JSONValue]
    {
        let now = gateway.clock.wall
        let elevations = gateway.elevations.compiled(under: policy)
        let visible = policy.visibleTools(
            for: agent, stage: stage, elevations: elevations, at: now)
        return visible.map { address in
            let pin = gateway.pins.pinned(address, under: policy)
            let decision = policy.decide(
                DecisionRequest(agent: agent, address: address, arguments: [:]),
                facts: DecisionFacts(
                    quarantined: pin == nil, effectiveStage: stage, elevations: elevations,
                    counters: [:]),
                now: now)
            var object: JSONObject = [
                "tool": .string(address.description),
                "verdict": .string(decision.verdict.description),
                "reason": .string(decision.reason.rawValue), "rule": .string(decision.rule),
                "effects": .array(decision.effects.effects.map { .string($0.name) }),
                "class": .string(decision.toolClass?.rawValue ?? ""),
            ]
            object["at"] = decision.place.map { .string($0.description) }
            object["group"] = decision.group.map(JSONValue.string)
            return .object(object)
        }
    }

    private func server(_ name: ServerName, _ policy: PolicySnapshot) -> JSONObject {
        var object: JSONObject = ["server": .string(name.text)]
        if let cause = gateway.pins.shutOff(of: name) {
            object["state"] = "quarantined"
            object["reason"] = .string("\(cause)")
            return object
        }
        if let refusal = policy.lockRefusal(of: name) {
            object["state"] = "not offered"
            object["reason"] = .string(refusal.description)
            return object
        }
        switch gateway.upstreams.view(of: name) {
        case .unknown: object["state"] = "not connected"
        case .connecting: object["state"] = "connecting"
        case .unavailable(let reason):
            object["state"] = "not offered"
            object["reason"] = .string(String(reason.prefix(512)))
        case .ready(_, let tools):
            object["state"] = "ready"
            object["tools"] = .integer(Int64(tools.count))
            let offers = gateway.upstreams.offers(of: name)
            object["resources"] = .integer(Int64(offers.resources.count))
            object["templates"] = .integer(Int64(offers.templates.count))
            object["prompts"] = .integer(Int64(offers.prompts.count))
        }
        if let locked = policy.lock?.servers[name] {
            object["pins"] = .integer(Int64(locked.tools.count + locked.prompts.count))
        }
        let strays = gateway.upstreams.strayAnswers(of: name)
        if strays > 0 { object["stray_answers"] = .integer(Int64(strays)) }
        let updates = gateway.upstreams.strayUpdates(of: name)
        if updates > 0 { object["stray_updates"] = .integer(Int64(updates)) }
        let hidden = gateway.pins.hidden(of: name, under: policy)
        if !hidden.isEmpty {
            object["hidden"] = .array(hidden.map { .string("\($0.name): \($0.reason)") })
        }
        return object
    }

    private static let weakBinding =
        "weak: the policy names no workload, so a token is bound to its first kind of connection"

    /// Each control of this version and the point that enforces it. What is not here is guidance.
    private static let controls = [
        ("scope, class, tier, forbid", "gateway: decide, on every call"),
        ("approval by people", "gateway: awaitApproval and recheck, by signed votes"),
        ("kill switch", "gateway: checkHalt, resolve, recheck, execute"),
        ("arguments fit the reviewed schema", "gateway: resolve"),
        ("credentials never reach the agent", "gateway: execute"),
        (
            "durable audit before the call and before the answer",
            "gateway: recordIntent, recordOutcome"
        ),
        ("stdio servers reach no key, socket or state", "interlock-launch: namespaces"),
    ]
}
