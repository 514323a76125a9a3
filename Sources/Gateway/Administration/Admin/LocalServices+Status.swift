import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockWitness

extension LocalServices {
    package func names(_: LocalCall) -> JSONValue {
        let policy = gateway.policy.snapshot
        let tools = policy.servers.values.flatMap { server in
            server.tools.keys.map { ToolAddress(server: server.name, tool: $0) }
        }
        let owners = Dictionary(
            policy.agents.values.compactMap { agent in agent.owner.map { ($0, agent.name) } }
        ) { first, _ in first }
        return [
            "agents": .array(policy.agents.keys.sorted().map { .string($0.text) }),
            "owners": .array(
                owners.sorted { $0.key.address < $1.key.address }.compactMap {
                    (person, agent) -> JSONValue? in
                    gateway.policy.owner(of: agent).map {
                        ["person": .string(person.address), "pseudonym": .string($0.text)]
                    }
                }),
            "servers": .array(policy.servers.keys.sorted().map { .string($0.text) }),
            "tools": .array(tools.sorted().map { .string($0.description) }),
        ]
    }

    package func agents(_: LocalCall) -> JSONValue {
        let policy = gateway.policy.snapshot
        let agents = policy.agents.values.sorted { $0.name < $1.name }
        return [
            "agents": .array(
                agents.map { agent -> JSONValue in
                    let terms = agent.terms(gateway.trust(of: agent.name))
                    return [
                        "agent": .string(agent.name.text), "tier": .string(agent.tier.rawValue),
                        "stage": .string(terms.stage.rawValue),
                        "autonomy": terms.autonomyJSON,
                        "quota_percent": .integer(terms.quotaPercent),
                        "held": .array(terms.held.map(JSONValue.string)),
                        "owner": .string(agent.owner?.address ?? ""),
                        "review_by": .string(agent.reviewBy?.text ?? ""),
                        "purpose": .string(agent.purpose ?? ""),
                    ]
                }),
            "founding": .bool(gateway.policy.isFounding), "policy": .string(policy.digest.prefixed),
        ]
    }

    /// Returns the status of the gateway and its parts.
    package func status(_ call: LocalCall) async -> JSONValue {
        let policy = gateway.policy.snapshot
        let ledger = gateway.ledger.status
        let keys = gateway.records.keyStatus
        let index = gateway.index.status
        return [
            "org": .string(policy.org), "policy": .string(policy.digest.prefixed),
            "lock": policy.lock.map { .string($0.digest.prefixed) } ?? .null,
            "policy_load": policyStatus(call), "agents": .integer(Int64(policy.agents.count)),
            "servers": .array(policy.servers.keys.sorted().map { .object(server($0, policy)) }),
            "ledger": [
                "records": .integer(Int64(clamping: ledger.size)),
                "root": .string(ledger.root.base64),
                "open_intents": .integer(Int64(ledger.openIntents)),
                "refusing": ledger.refusing.map(JSONValue.string) ?? .null,
                "memory": .string(witnesses.client.memory),
                "lint": witnesses.client.lint.map(JSONValue.string) ?? .null,
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
            "approvals_pending": .integer(Int64(approvals.pendingCount)),
            "console": console.json,
            "break_glass": breakGlassStatus(),
            "channels": await channelStandings(),
            "halts": kill.status["halts"] ?? [],
            "drill": .object(drills.status.json), "evals": evals.status(),
            "in_flight": .integer(Int64(gateway.inFlight.count)),
            "context": [
                "with": .integer(Int64(gateway.counters.withContext.value)),
                "without": .integer(Int64(gateway.counters.withoutContext.value)),
            ],
            "not_enforced": .array(gateway.policy.snapshot.notEnforced.map(JSONValue.string)),
        ]
    }

    /// Returns what one agent may do and how that is enforced. The command reads the agent's activity from the log
    /// itself.
    package func agentStatus(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let policy = gateway.policy.snapshot
        let text = call["agent"]
        guard let name = AgentName(text), let agent = policy.agents[name] else {
            throw Problem(
                .noSuchAgent, "there is no agent `\(text)`",
                help: "agents: " + policy.agents.keys.sorted().map(\.text).joined(separator: ", "))
        }
        let terms = agent.terms(gateway.trust(of: name))
        let reach = await worstCase(of: name, under: policy)
        return [
            "agent": .string(text), "owner": .string(agent.owner?.address ?? ""),
            "purpose": .string(agent.purpose ?? ""), "tier": .string(agent.tier.rawValue),
            "stage": .string(terms.stage.rawValue),
            "written_stage": .string(terms.written.rawValue),
            "quota_percent": .integer(terms.quotaPercent), "autonomy": terms.autonomyJSON,
            "gate": evals.status(of: name),
            "review_by": .string(agent.reviewBy?.text ?? ""),
            "at": .string(agent.place.description), "policy": .string(policy.digest.prefixed),
            "workload": .string(agent.workloads?.description ?? WorkloadBinding.weak),
            "held": .array(terms.held.map(JSONValue.string)),
            "tasks": .array(policy.tasks(of: name).map(\.json)),
            "halted": gateway.halt(of: name).map { .string($0.text) } ?? .null,
            "tools": .array(gateway.rights(of: name, under: policy, reach).map(Self.json)),
            "limits": .array(gateway.limitStandings(of: name, under: policy).map(Self.json)),
            "sandbox": SandboxReach(agent).json,
            "enforced_by": .array(
                ControlPoint.all.map { ["control": .string($0.control), "at": .string($0.point)] }),
            "not_enforced": .array(gateway.policy.snapshot.notEnforced.map(JSONValue.string)),
        ]
    }

    /// Solves the agent's guards outside the event loop, which carries out halts.
    private func worstCase(
        of name: AgentName, under policy: PolicySnapshot
    ) async -> WorstCase? {
        let trust = gateway.trust(of: name)
        let now = gateway.clock.wall
        let store = gateway.elevations.compiled(under: policy)?.elevations(for: name) ?? []
        return await Task.detached {
            WorstCase(policy, of: name, trust, store: store, at: now)
        }.value
    }

    private static func json(_ right: AgentRight) -> JSONValue {
        var object: JSONObject = [
            "tool": .string(right.address.description),
            "verdict": .string(right.verdict.description),
            "verdicts": .array(right.verdicts.map { .string($0.description) }),
            "reason": .string(right.easiest?.reason.rawValue ?? ""),
            "rule": .string(right.easiest?.rule ?? ""),
            "effects": .array(right.effects.map { .string($0.name) }),
            "class": .string(right.toolClass?.rawValue ?? ""),
            "guards": .array(right.guards.map(JSONValue.string)),
            "cases": .array(right.cases.map(\.json)),
        ]
        if right.sends { object["sends"] = true }
        object["outcome"] = right.outcome.map { .string($0.sentence) }
        object["at"] = right.easiest?.place.map { .string($0.description) }
        object["group"] = right.group.map(JSONValue.string)
        return .object(object)
    }

    private static func json(_ limit: LimitUsage) -> JSONValue {
        [
            "limit": .string(limit.use.key), "seconds": .integer(limit.use.seconds),
            "taken": limit.isCounted ? .integer(limit.taken) : .null,
            "most": .integer(limit.most), "stated": .integer(limit.use.stated),
        ]
    }

    private func server(_ name: ServerName, _ policy: PolicySnapshot) -> JSONObject {
        let status = gateway.status(of: name, under: policy)
        var object: JSONObject = [
            "server": .string(name.text), "state": .string(status.state.text),
        ]
        object["reason"] = status.state.reason.map(JSONValue.string)
        object["weak"] = status.weakness.map { .string($0.sentence) }
        if let offered = status.state.offered {
            object["tools"] = .integer(Int64(offered.tools))
            object["resources"] = .integer(Int64(offered.resources))
            object["templates"] = .integer(Int64(offered.templates))
            object["prompts"] = .integer(Int64(offered.prompts))
        }
        guard !status.state.isShut else { return object }
        object["pins"] = status.pins.map { .integer(Int64($0)) }
        let strays = gateway.upstreams.strayAnswers(of: name)
        if strays > 0 { object["stray_answers"] = .integer(Int64(strays)) }
        let updates = gateway.upstreams.strayUpdates(of: name)
        if updates > 0 { object["stray_updates"] = .integer(Int64(updates)) }
        if !status.hidden.isEmpty {
            object["hidden"] = .array(status.hidden.map { .string("\($0.name): \($0.reason)") })
        }
        return object
    }

    /// Returns the identity of the policy in force, its sign-off and the result of the last reload.
    package func policyStatus(_: LocalCall) -> JSONValue {
        var object: JSONObject = [
            "digest": .string(gateway.policy.snapshot.digest.prefixed),
            "revision": gateway.policy.snapshot.revision.map { .string($0) } ?? .null,
            "identity": policies.active.identity.json,
            "founding": .bool(policies.status.isFounding),
            "last_reload": policies.last?.json ?? .null,
        ]
        object["lock"] = lockStatus()
        object["sign_off"] = "none"
        if case .signed(let people, let basis) = policies.status {
            object["signed_by"] = .array(people.map { .string($0.address) })
            object["sign_off"] = .string(basis.rawValue)
        }
        return .object(object)
    }

    private func lockStatus() -> JSONValue {
        switch policies.lock {
        case .absent: ["state": "absent"]
        case .unsigned(let problem): ["state": "unsigned", "reason": .string("\(problem)")]
        case .signed(let people):
            ["state": "signed", "by": .array(people.map { .string($0.address) })]
        case .refused(let problem): ["state": "refused", "reason": .string("\(problem)")]
        }
    }

    /// Reloads the policy. A refused revision is a result, not an error: the policy in force stays.
    package func reloadPolicy(_: LocalCall) async -> JSONValue {
        await policies.reload(.request)?.json ?? .null
    }
}
