import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Compares what a server lists with its reviewed definitions and the policy, for people to read. It records and
/// decides nothing; `PinRegistry` does both.
struct ServerReading {
    private let gateway: Gateway
    private let entry: ServerEntry
    private let locked: LockedServer?
    private let policy: PolicySnapshot
    private let isShut: Bool
    private let reasons: [ExactText: String]

    init(
        _ gateway: Gateway, _ entry: ServerEntry, _ status: ServerStatus,
        under policy: PolicySnapshot
    ) {
        self.gateway = gateway
        self.entry = entry
        self.policy = policy
        locked = policy.lock?.servers[entry.name]
        isShut = status.state.isShut
        reasons = Dictionary(status.hidden.map { (ExactText($0.name), $0.reason) }) { first, _ in
            first
        }
    }

    /// The features: first those that need attention, then by name.
    var tools: [ServerTool] {
        (ownTools + prompts + resources).sorted {
            $0.pin.isFault == $1.pin.isFault ? $0.name < $1.name : $0.pin.isFault
        }
    }

    private var live: [JSONValue]? {
        guard case .ready(_, let tools) = gateway.upstreams.view(of: entry.name) else { return nil }
        return tools
    }

    private var ownTools: [ServerTool] {
        let sighting = live.map { ToolSighting($0) }
        var listed: [ToolName: ToolDefinition] = [:]
        for definition in sighting?.definitions ?? [] { listed[definition.name] = definition }
        let refused = (sighting?.refused ?? []).map { tool in
            ServerTool(
                name: tool.name, entry: tool.tool.flatMap { entry.tools[$0] },
                pin: .hidden(tool.reason))
        }
        let told = Set((sighting?.refused ?? []).compactMap(\.tool))
        let names = Set(entry.tools.keys.filter { $0.kind == .tool })
            .union(locked?.tools.keys.map(\.self) ?? []).union(listed.keys).subtracting(told)
        return names.map { tool($0, listed[$0], isAway: sighting == nil) } + refused
    }

    private func tool(_ name: ToolName, _ listed: ToolDefinition?, isAway: Bool) -> ServerTool {
        let reviewed = locked?.tools[name]
        let first =
            policy.lock == nil
            ? gateway.pins.pinned(
                tool: ToolAddress(server: entry.name, tool: name), under: policy) : nil
        let before = reviewed?.definition ?? first?.definition.pinned
        let changes = listed.map { listed in
            JSONChange.list(
                from: .object(before ?? ["name": .string(name.text)]), to: .object(listed.pinned))
        }
        return ServerTool(
            name: name.text, entry: entry.tools[name],
            pin: pin(
                name.text, hasReview: before != nil, isListed: listed != nil, isAway: isAway,
                differs: changes?.isEmpty == false), description: before?["description"]?.string,
            review: reviewed?.reviewed, changes: changes ?? [], pinned: reviewed?.pin,
            listed: listed.flatMap { try? $0.pinDigest(hashing: gateway.pins.hashing) })
    }

    private var prompts: [ServerTool] {
        let sighting = live.map { _ in
            PromptSighting(gateway.upstreams.offers(of: entry.name).prompts)
        }
        var listed: [ExactText: PromptDefinition] = [:]
        for definition in sighting?.definitions ?? [] { listed[definition.name] = definition }
        let refused = (sighting?.refused ?? []).map {
            ServerTool(name: $0.name, kind: .prompt, entry: nil, pin: .hidden($0.reason))
        }
        let named = entry.tools.keys.filter { $0.kind == .prompt }.map(\.ownName)
        let names = Set(texts: named).union(Set(texts: locked?.prompts.keys.map(\.self) ?? []))
            .union(listed.keys).texts
        return names.map { prompt($0, listed[$0], isAway: sighting == nil) } + refused
    }

    private func prompt(_ name: String, _ listed: PromptDefinition?, isAway: Bool) -> ServerTool {
        let reviewed = locked?.prompts[name]
        // If there is no lock, the prompt that is offered is the one first seen.
        let before = reviewed?.definition ?? (policy.lock == nil ? listed?.pinned : nil)
        let changes = listed.map { listed in
            JSONChange.list(
                from: .object(before ?? ["name": .string(name)]), to: .object(listed.pinned))
        }
        let shown = FeatureKind.prompt.rawValue + ":" + name
        return ServerTool(
            name: shown, kind: .prompt, entry: ToolName(.prompt, name).flatMap { entry.tools[$0] },
            pin: pin(
                shown, hasReview: before != nil, isListed: listed != nil, isAway: isAway,
                differs: changes?.isEmpty == false), description: before?["description"]?.string,
            review: reviewed?.reviewed, changes: changes ?? [], pinned: reviewed?.pin,
            listed: listed.flatMap { try? $0.pinDigest(hashing: gateway.pins.hashing) })
    }

    private var resources: [ServerTool] {
        entry.tools.filter { $0.key.kind == .resource }.map { name, entry in
            ServerTool(
                name: name.text, kind: .resource, entry: entry,
                pin: live == nil ? .unseen : .unpinned)
        }
    }

    /// - Parameters:
    ///   - hasReview: whether it was reviewed or, without a lock, first seen.
    ///   - differs: whether the listed definition differs from that one.
    private func pin(
        _ name: String, hasReview: Bool, isListed: Bool, isAway: Bool, differs: Bool
    ) -> ServerTool.Pin {
        if isAway { return .unseen }
        let isFounding = policy.lock == nil
        switch (hasReview, isListed) {
        case (true, true) where differs: return .drifted
        case (true, true):
            if let reason = reasons[name] { return .hidden(reason) }
            return isFounding ? .firstSeen : .pinned
        case (true, false): return .gone
        case (false, true):
            if isFounding, !isShut { return .hidden(reasons[name] ?? "it cannot be offered") }
            return isFounding ? .unseen : .new
        case (false, false): return .unseen
        }
    }
}
