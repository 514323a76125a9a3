import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension CallPipeline {
    /// Answers a list request with only those features that this principal may see.
    func serve(
        _ list: FeatureListMethod, _ cursor: String?, _ id: RequestID, _ body: ParsedBody,
        _ caller: Caller, _ wire: inout Wire
    ) async -> [UInt8] {
        // A list that `initialize` and `server/discover` do not declare is an unknown method; tools may always appear.
        guard list == .tools || gateway.capabilities(of: body.principal, at: body.server).has(list)
        else { return refuse(id, .unknownMethod(list.rawValue), caller, &wire) }
        if let refused = pace(gateway.admission.lists, "lists", body.principal.agent) {
            return refuse(id, refused, caller, &wire)
        }
        let principal = body.principal
        let offered = await gateway.searchedList(list, for: principal, at: body.server) {
            [gateway] texts in
            let inspection = await gateway.inspection(of: texts, for: principal.agent)
            if case .found(let findings, _, _) = inspection {
                gateway.alarm(canaryIn: findings, for: principal)
            }
            return inspection
        }
        // The search took time.
        if let halt = gateway.halt(of: body.principal) {
            return refuse(
                id, RefusalResponse(.halted(by: halt), decisionID: nil).error, caller, &wire)
        }
        let redaction = gateway.redaction(for: body.principal)
        gateway.beginLabels(for: body.principal)
        gateway.counters.listsServed.count()
        recordServed(offered, body)
        let isLabelled = !gateway.runs.labelled.isEmpty
        var listed: [(entry: JSONObject, server: ServerName)] = []
        do throws(JSONRPCError) {
            let page = try OfferPage.page(
                offered.entries.count, of: list, cursor: cursor, generation: offered.pageGeneration
            ) { place in
                let entry = offered.entries[place]
                let shown = entry.shown(in: caller.version, redaction)
                if isLabelled, let author = entry.author { listed.append((shown, author)) }
                return (shown, entry.byteCount)
            }
            await gateway.index(listed: listed, for: body.principal)
            return JSONRPCWriter.result(
                id: id,
                GatewayIdentity.list(
                    page, in: caller.version, serverVersion: gateway.settings.version))
        } catch { return refuse(id, error, caller, &wire) }
    }

    /// Applies the rate limit of requests that reveal what exists.
    func pace(_ pace: AgentRateLimiter, _ limit: String, _ agent: AgentName) -> JSONRPCError? {
        guard let wait = pace.take(agent, at: gateway.clock.boot) else { return nil }
        record(.counted(agent, nil, code: "limit." + limit))
        return JSONRPCError(
            code: Int64(RefusalKind.limited.rawValue), message: "more \(limit) than \(pace.rate)",
            data: .object(["limit": .string(limit), "retryAfterMs": .integer(Int64(wait))]))
    }

    /// Records a list served to a run at most once a minute; the record's count covers the others.
    private func recordServed(_ offered: VisibleFeatureList, _ body: ParsedBody) {
        let run = gateway.runs.context(of: body.principal)
        let now = gateway.clock.boot
        guard
            let served = gateway.runs.countListing(
                of: run.run, generation: offered.generation, now: now)
        else { return }
        gateway.runs.open(run, policy: gateway.policy.snapshot(for: run.agent).digest)
        var fields: JSONObject = [
            "cnt": .integer(Int64(served)), "tools": .integer(Int64(offered.entries.count)),
            "list": .string(String(offered.generation, radix: 16)),
        ]
        let left = offered.leftOut + Int64(offered.unsearched.count)
        if left > 0 { fields["left"] = .integer(left) }
        if !offered.findings.isEmpty {
            fields.add(ResultSearchSummary(rules: gateway.ports.resultRules, offered.findings))
        }
        gateway.ledger.note(RecordDraft(.listServed, run: run, fields: fields))
    }
}

extension Gateway {
    /// Returns the capabilities of the servers that the agent's scopes name or of which it sees a feature, limited to
    /// those that the policy lists, the token covers and the lock confirms.
    func capabilities(of principal: Principal, at server: ServerName?) -> OfferedCapabilities {
        let policy = policy.snapshot(for: principal.agent)
        let scopes = principal.listedScopes
        let known = visible(
            to: principal.agent, within: scopes, for: policy.task(of: principal), at: server,
            under: policy
        ).map(\.server)
        let scoped = (policy.agents[principal.agent]?.scopedServers ?? []).filter {
            server == nil || $0 == server
        }
        var offered: OfferedCapabilities = []
        for name in Set(known).union(scoped) {
            guard let entry = policy.servers[name] else { continue }
            let locked = policy.lock.map { $0.servers[name]?.capabilities ?? [] }
            func has(_ capability: String) -> Bool { locked?.contains(capability) ?? true }
            // INVARIANT: a server that the token does not cover adds nothing, like one that does not exist.
            let kinds = Set(
                entry.tools.lazy.filter { tool, entry in
                    scopes?.covers(ToolAddress(server: name, tool: tool), entry.toolClass) ?? true
                }.map(\.key.kind))
            if kinds.contains(.tool), has("tools") { offered.insert(.tools) }
            if kinds.contains(.resource), has("resources") {
                offered.insert(.resources)
                switch upstreams.offers(of: name).subscriptions {
                case .none: break
                case .undeclared: offered.insert(.undeclaredSubscriptions)
                case .declared: offered.insert(.subscriptions)
                }
            }
            if kinds.contains(.prompt), has("prompts") { offered.insert(.prompts) }
            if !kinds.isDisjoint(with: [.resource, .prompt]), has("completions") {
                offered.insert(.completions)
            }
        }
        return offered
    }
}
