import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy

/// The tools that an agent may know of at one endpoint, in the order in which they are listed.
struct OfferedTools {
    fileprivate(set) var tools: [(name: String, pin: PinnedTool)] = []
    /// Tells one list from another; the same for equal lists.
    fileprivate(set) var generation = FNV1a.start
}

extension Gateway {
    /// Granted by the policy, reviewed, not drifted; nothing else.
    func offeredTools(to agent: AgentName, at server: ServerName?) -> OfferedTools {
        let policy = policy.snapshot
        var offered = OfferedTools()
        let visible = policy.visibleTools(
            for: agent, stage: stage(of: agent, in: policy),
            elevations: elevations.compiled(under: policy), at: clock.now.wall)
        for address in visible {
            guard server == nil || address.server == server,
                let pin = pins.pinned(address, under: policy),
                let name = server == nil ? policy.wireName(of: address) : address.tool.text
            else { continue }
            offered.tools.append((name, pin))
            FNV1a.add(name.utf8, to: &offered.generation)
            let words = pin.digest.words
            for word in [words.0, words.1] {
                FNV1a.add(
                    (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) },
                    to: &offered.generation)
            }
        }
        return offered
    }
}

/// The hash of Fowler, Noll and Vo, 64 bits: cheap, and nothing rests on it being hard to invert.
private enum FNV1a {
    static let start: UInt64 = 0xcbf2_9ce4_8422_2325

    static func add(_ bytes: some Sequence<UInt8>, to hash: inout UInt64) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}

extension CallPipeline {
    /// What this principal may know of, and nothing else.
    func listTools(
        _ cursor: String?, _ id: RequestID, _ body: ParsedBody, _ caller: Caller,
        _ wire: inout Wire
    ) -> [UInt8] {
        let offered = gateway.offeredTools(to: body.principal.agent, at: body.server)
        let listed = offered.tools.map { $0.pin.definition.shown(as: $0.name, in: caller.version) }
        let generation = offered.generation
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
