import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy

extension CallPipeline {
    /// What this principal may know of, and nothing else: granted by the policy, reviewed, not drifted.
    func listTools(
        _ cursor: String?, _ id: RequestID, _ body: ParsedBody, _ caller: Caller,
        _ wire: inout Wire
    ) -> [UInt8] {
        let policy = gateway.policy.snapshot
        let agent = body.principal.agent
        let stage = gateway.stage(of: agent, in: policy)
        var listed: [JSONObject] = []
        var generation = policy.digest.words.0
        let visible = policy.visibleTools(
            for: agent, stage: stage, elevations: gateway.elevations.compiled(under: policy),
            at: gateway.clock.now.wall)
        for address in visible {
            guard body.server == nil || address.server == body.server,
                let pin = gateway.pins.pinned(address, under: policy),
                let name = body.server == nil
                    ? policy.wireName(of: address) : address.tool.text
            else { continue }
            listed.append(pin.definition.shown(as: name, in: caller.version))
            generation = (generation &* 0x100_0000_01b3) ^ pin.digest.words.0
        }
        gateway.counters.listsServed.count()
        recordServed(listed.count, generation, body)
        do throws(JSONRPCError) {
            let page = try ToolList.page(of: listed, cursor: cursor, generation: generation)
            return JSONRPCAnswer.result(
                id: id,
                GatewayIdentity.list(
                    page, in: caller.version, serverVersion: gateway.settings.version))
        } catch {
            return refuse(id, error, caller, &wire)
        }
    }

    /// One record a minute for each list that a run gets; its count says how often.
    private func recordServed(_ count: Int, _ generation: UInt64, _ body: ParsedBody) {
        let run = gateway.runs.context(of: body.principal)
        let now = gateway.clock.now.boot
        guard let served = gateway.runs.countListing(of: run.run, generation: generation, now: now)
        else {
            return
        }
        gateway.runs.open(run, policy: gateway.policy.snapshot.digest)
        gateway.ledger.note(
            RecordDraft(
                .listServed, run: run,
                fields: [
                    "cnt": .integer(Int64(served)), "tools": .integer(Int64(count)),
                    "list": .string(String(generation, radix: 16)),
                ]))
    }
}
