import InterlockJSON
import InterlockLedger
import InterlockMCP
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// The features that every server lists, compared with the reviewed ones: the definitions of `interlock.lock`, as part
/// of one policy revision. Without a lock, the first definition seen is valid until the program restarts (*founding*).
/// A tool that is unknown or differs is hidden, and that is recorded once.
package final class PinRegistry: Sendable {
    struct Server {
        /// The generation and the policy that `offered` was made from.
        var seen: (generation: UInt64, policy: Digest)?
        var offered: [ToolName: PinnedTool] = [:]
        var hidden: [HiddenTool] = []
        /// The features recorded as different, and not seen in the reviewed form since.
        var drifted: Set<ToolName> = []

        /// The founding pins.
        var first: [ToolName: PinnedTool] = [:]
        var prompts = PromptPins()
        /// True if any feature of the server may be offered.
        var isOffered = false
        /// True if the instructions were recorded as different from the lock, and not seen as reviewed since.
        var hasOtherInstructions = false
        /// The pins of the lock whose schemas are compiled already.
        var compiled: [ToolName: PinnedTool] = [:]

        var differences: Int { drifted.count + (hasOtherInstructions ? 1 : 0) }
    }

    /// The most names of one server that are remembered, against servers that keep inventing names.
    private static let toolsEverSeen = 4000

    private let servers = Mutex<[ServerName: Server]>([:])
    private let shut = Mutex<[ServerName: ShutOff]>([:])
    let upstreams: any Upstreams
    package let hashing: any Hashing
    private let patterns: any PatternCompiler
    let ledger: any Ledger
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    package init(
        upstreams: any Upstreams, hashing: any Hashing, patterns: any PatternCompiler,
        ledger: any Ledger, alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.upstreams = upstreams
        self.hashing = hashing
        self.patterns = patterns
        self.ledger = ledger
        self.alarm = alarm
    }

    /// Pins nothing of the server from now on, until `open` is called.
    package func shutOff(_ server: ServerName, _ cause: ShutOff) {
        shut.withLock { $0[server] = cause }
    }

    package func open(_ server: ServerName) { shut.withLock { $0[server] = nil } }

    /// Is nil unless the server is shut off.
    package func shutOff(of server: ServerName) -> ShutOff? { shut.withLock { $0[server] } }

    /// Returns whether the server last listed a definition different from the reviewed one; false while that is
    /// unknown.
    package func hasDrifted(_ address: ToolAddress) -> Bool {
        servers.withLock { $0[address.server]?.drifted.contains(address.tool) ?? false }
    }

    /// Returns the tools that are hidden or were never offered, sorted, for `interlock status`.
    package func hidden(of server: ServerName, under policy: PolicySnapshot) -> [HiddenTool] {
        (looking(at: server, under: policy) { $0.hidden + $0.prompts.hidden } ?? [])
            .sorted { ($0.name, $0.reason) < ($1.name, $1.reason) }
    }

    /// Records the servers whose connection differs from the reviewed one. Called when a policy takes effect.
    package func noteQuarantines(under policy: PolicySnapshot) {
        for server in policy.servers.keys.sorted() {
            guard case .differs = policy.lockRefusal(of: server) else { continue }
            ledger.note(
                RecordDraft(
                    .serverQuarantined, run: nil,
                    fields: ["srv": .string(server.text), "code": "lock.connect"]))
        }
    }

    /// - Returns: nil if the server is absent.
    func looking<Value: Sendable>(
        at name: ServerName, under policy: PolicySnapshot, _ look: (Server) -> Value?
    ) -> Value? {
        guard case .ready(let generation, let tools) = upstreams.view(of: name) else { return nil }
        let (value, hasDrifted) = servers.withLock { servers in
            if let place = servers.index(forKey: name), let seen = servers.values[place].seen,
                seen.generation == generation, seen.policy == policy.digest
            {
                return (look(servers.values[place]), false)
            }
            var server = servers[name] ?? Server()
            let known = server.differences
            server.seen = (generation, policy.digest)
            compare(ToolSighting(tools), of: name, under: policy, &server)
            servers[name] = server
            return (look(server), server.differences > known)
        }
        // One alert covers all differences that were seen at the same time, however many tools they concern.
        if hasDrifted { alarm("pin.drift", name.text) }
        return value
    }

    private func compare(
        _ sighting: ToolSighting, of name: ServerName, under policy: PolicySnapshot,
        _ server: inout Server
    ) {
        server.offered = [:]
        server.hidden = []
        server.compiled = server.compiled.filter {
            policy.lock?.servers[name]?.tools[$0.key]?.pin == $0.value.digest
        }
        let offers = upstreams.offers(of: name)
        let recorded = server.drifted
        let isOffered =
            policy.lockRefusal(of: name) == nil
            && hasReviewed(offers.instructions, of: name, policy.lock?.servers[name], &server)
        server.isOffered = isOffered
        let drifts = server.prompts.compare(
            offers.prompts, with: policy.lock?.servers[name],
            founding: policy.lock == nil, isOffered: isOffered, hashing: hashing)
        for name in server.prompts.offered.keys {
            if let prompt = ToolName(.prompt, name.text) { server.drifted.remove(prompt) }
        }
        for drift in drifts {
            server.drifted.insert(drift.prompt)
            note(ToolAddress(server: name, tool: drift.prompt), from: drift.pin, to: drift.live)
        }
        guard isOffered else { return }
        let entry = policy.lock?.servers[name]
        for refused in sighting.refused {
            server.hidden.append(HiddenTool(name: refused.name, reason: refused.reason))
            if let tool = refused.tool, let pin = knownPin(of: tool, entry, server) {
                let digest = hashing.sha256(refused.definition.serialized())
                drift(ToolAddress(server: name, tool: tool), from: pin, to: digest, &server)
            }
        }
        for definition in sighting.definitions {
            if let reason = offer(
                definition, of: name, entry, founding: policy.lock == nil, &server)
            {
                server.hidden.append(HiddenTool(name: definition.name.text, reason: reason))
            }
        }
        for lists in offers.apart { compare(lists, of: name, under: policy, recorded, &server) }
        let listed = Set(sighting.definitions.map(\.name) + sighting.refused.compactMap(\.tool))
        for tool in entry?.tools.keys.filter({ !listed.contains($0) }) ?? [] {
            server.hidden.append(
                HiddenTool(name: tool.text, reason: "it is in the lock, the server has it no more"))
        }
    }

    /// - Returns: the reason why the tool is hidden, or nil if it is offered.
    private func offer(
        _ definition: ToolDefinition, of name: ServerName, _ entry: LockedServer?, founding: Bool,
        _ server: inout Server
    ) -> String? {
        let tool = definition.name
        let address = ToolAddress(server: name, tool: tool)
        let live = definition.sightedDigest(hashing: hashing)
        if let pin = knownPin(of: tool, entry, server) {
            guard pin == live else {
                drift(address, from: pin, to: live, &server)
                return founding ? "its definition changed" : "its definition differs from the lock"
            }
            server.drifted.remove(tool)
        } else if !founding {
            drift(address, from: nil, to: live, &server)
            return "it is not in the lock"
        }
        do {
            server.offered[tool] = try reviewed(definition, entry?.tools[tool], live, &server)
            return nil
        } catch { return "\(error)" }
    }

    func knownPin(of tool: ToolName, _ entry: LockedServer?, _ server: Server) -> Digest? {
        guard let entry else { return server.first[tool]?.digest }
        return entry.tools[tool]?.pin
    }

    /// Returns the reviewed form, compiled to validate arguments: the lock's own definition or, while founding, the
    /// first one that was seen.
    private func reviewed(
        _ live: ToolDefinition, _ locked: LockedTool?, _ digest: Digest, _ server: inout Server
    ) throws -> PinnedTool {
        let tool = live.name
        guard let locked else {
            if let first = server.first[tool] { return first }
            guard server.first.count < Self.toolsEverSeen else { throw NotOffered.tooManyNames }
            let first = try PinnedTool(
                live, digest: try live.pinDigest(hashing: hashing), patterns: patterns)
            server.first[tool] = first
            return first
        }
        if let known = server.compiled[tool] { return known }
        let definition = try ToolDefinition(.object(locked.definition))
        // A definition that cannot be read in its reviewed form must not be used under its pin.
        guard try definition.pinDigest(hashing: hashing) == locked.pin else {
            throw NotOffered.otherForm
        }
        let made = try PinnedTool(definition, digest: locked.pin, patterns: patterns)
        server.compiled[tool] = made
        return made
    }

    func drift(_ address: ToolAddress, from pin: Digest?, to live: Digest, _ server: inout Server) {
        guard server.drifted.count < Self.toolsEverSeen,
            server.drifted.insert(address.tool).inserted
        else { return }
        note(address, from: pin, to: live)
    }

    func note(_ address: ToolAddress, from pin: Digest?, to live: Digest) {
        var fields: JSONObject = ["tool": .string(address.leafName), "now": .string(live.base64)]
        fields["toolv"] = pin.map { .string($0.base64) }
        ledger.note(RecordDraft(.pinDrift, run: nil, fields: fields))
    }
}

private enum NotOffered: Error, CustomStringConvertible {
    case tooManyNames, otherForm

    var description: String {
        switch self {
        case .tooManyNames: "the server has listed too many names"
        case .otherForm: "its headers are not those that the lock has"
        }
    }
}
