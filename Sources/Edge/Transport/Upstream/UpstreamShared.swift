import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

enum AgentListEvent: Sendable { case changed, ended }

/// The state that the sessions of one server share.
final class UpstreamShared: Sendable {
    private let current: Mutex<UpstreamConfiguration>
    let clientVersion: String
    private let numbers: UpstreamNumbers
    let report: @Sendable (UpstreamEvent) -> Void
    /// Returns true while the server is halted: the gateway itself then sends no requests and starts no child for them.
    let isHeld: @Sendable () -> Bool
    private let listChanged = Mutex<(@Sendable () -> Void)?>(nil)
    private let agentLists = Mutex<(@Sendable (SessionKey, AgentListEvent) -> Void)?>(nil)
    private let quarantineReason = Mutex<String?>(nil)
    private let conduct = Mutex(UpstreamConduct())
    private let knowledge = Mutex(Knowledge())

    private struct Knowledge {
        /// The server's last self-description.
        var handshake: UpstreamHandshake?
        /// The version of the last exchange, if it was not contradicted since.
        var version: ProtocolVersion?
        /// True if the server refused the legacy era when it was last asked for it.
        var refusesLegacy = false
        /// The lists that were taken as empty, with the causes that were reported.
        var leftOut: [FeatureListMethod: String] = [:]
        /// The era of each tool that has shown that it requests input in one of them only.
        var inputEras: [ExactText: Era] = [:]
        /// The last listed tools.
        var tools: [JSONValue] = []
        /// The headers that tools declare, by tool.
        var headers: [ExactText: [HeaderParameter]] = [:]
        /// True if the server has no such method, whatever it declares.
        var refusesSubscriptions = false
    }

    init(
        configuration: UpstreamConfiguration, clientVersion: String, numbers: UpstreamNumbers,
        report: @escaping @Sendable (UpstreamEvent) -> Void,
        isHeld: @escaping @Sendable () -> Bool
    ) {
        server = configuration.server
        self.numbers = numbers
        current = Mutex(configuration)
        self.clientVersion = clientVersion
        self.report = report
        self.isHeld = isHeld
    }

    let server: ServerName
    /// True if the gateway itself may send requests to the server.
    var mayBeAsked: Bool { quarantine == nil && !isHeld() }
    var configuration: UpstreamConfiguration { current.withLock { $0 } }
    var limits: UpstreamLimits { current.withLock { $0.limits } }
    var credentials: any UpstreamCredentials { current.withLock { $0.credentials } }
    func update(_ configuration: UpstreamConfiguration) { current.withLock { $0 = configuration } }

    func nextID() -> Int64 { numbers.nextID() }
    func nextGeneration() -> UInt64 { numbers.nextGeneration() }

    func onListChanged(_ body: @escaping @Sendable () -> Void) {
        listChanged.withLock { $0 = body }
    }
    func toolListChanged() { listChanged.withLock { $0 }?() }

    func onAgentLists(_ body: @escaping @Sendable (SessionKey, AgentListEvent) -> Void) {
        agentLists.withLock { $0 = body }
    }

    /// Handles a session's announcement that its lists changed.
    func listsChanged(of key: SessionKey) {
        toolListChanged()
        if key.agent != nil { agentLists.withLock { $0 }?(key, .changed) }
    }

    /// Handles the end of a session's child, whose lists end with it.
    func listsEnded(of key: SessionKey) {
        if key.agent != nil { agentLists.withLock { $0 }?(key, .ended) }
    }

    /// Returns the redaction for the output of this agent's child.
    func redaction(for agent: AgentName?) -> LogRedaction {
        let configuration = configuration
        var secrets = configuration.secrets
        if case .ready(let credential) = configuration.credentials.known(agent) {
            secrets.append(credential.value)
        }
        let parts = secrets.flatMap { $0.split(separator: " ").map(String.init) }
        return LogRedaction(secrets: secrets + parts)
    }

    // MARK: the era

    var handshake: UpstreamHandshake? { knowledge.withLock { $0.handshake } }

    /// The version to use until an exchange contradicts it, or nil before the first exchange.
    var version: ProtocolVersion? { knowledge.withLock { $0.version } }

    /// The version to try first: that of the last exchange, or the reviewed one.
    func guess(for key: SessionKey) -> ProtocolVersion? {
        let known = version ?? configuration.reviewedVersion
        guard key.prefersLegacy, known?.isModern != false else { return known }
        return .newest
    }

    /// True if a call is sent in the legacy era to a server of both: because its caller is asked in it, unless the tool
    /// requests input in the other one.
    func prefersLegacy(_ call: UpstreamCall) -> Bool {
        guard let input = call.input else { return false }
        return knowledge.withLock {
            !$0.refusesLegacy && ($0.inputEras[call.address.tool.text] ?? input.era) == .legacy
        }
    }

    /// Notes that a tool requests input in the other era, if its error says so.
    func note(_ answer: UpstreamResponse, to tool: ToolName, in era: Era) {
        let other: Era?
        switch answer {
        case .result(let result, _): other = InputEra.other(than: era, after: result)
        case .rpcError(_, let message): other = InputEra.other(than: era, after: message)
        case .unmet, .failed, .exceeded, .timedOut, .breakerOpen, .cancelled: other = nil
        }
        guard let other else { return }
        knowledge.withLock {
            guard $0.inputEras.count < UpstreamList.maximum else { return }
            $0.inputEras[tool.text] = other
        }
    }

    /// Notes the result of an opening. What a server of both eras says in the legacy one is of that session alone.
    func learned(_ handshake: UpstreamHandshake, by key: SessionKey) {
        knowledge.withLock {
            if key.prefersLegacy {
                $0.refusesLegacy = handshake.version.isModern
                guard handshake.version.isModern else { return }
            }
            $0.handshake = handshake
            $0.version = handshake.version
        }
    }

    /// Notes that an opening failed. A server that is known to speak the modern era is not asked in the legacy one again.
    func failed(by key: SessionKey) {
        guard key.prefersLegacy else { return }
        knowledge.withLock { if $0.version?.isModern == true { $0.refusesLegacy = true } }
    }

    /// Forgets a version that an exchange contradicted; the next opening begins with the probe.
    func forget(_ version: ProtocolVersion) {
        knowledge.withLock {
            $0.refusesLegacy = false
            $0.inputEras = [:]
            if $0.version == version { $0.version = nil }
        }
    }

    /// Returns the envelope of modern requests.
    func envelope(
        _ version: ProtocolVersion, declaring capabilities: JSONObject = [:],
        logLevel: LogLevel? = nil
    ) -> UpstreamEnvelope {
        UpstreamEnvelope(
            version: version, clientVersion: clientVersion, capabilities: capabilities,
            logLevel: logLevel)
    }

    // MARK: resources

    var subscriptions: ResourceSubscriptions {
        knowledge.withLock { known in
            let said = known.handshake?.subscriptions ?? ResourceSubscriptions.none
            return known.refusesSubscriptions ? ResourceSubscriptions.none : said
        }
    }

    /// Notes that the server has no `resources/subscribe`, so that subscriptions are no longer offered to agents.
    func refusesSubscriptions() {
        knowledge.withLock { $0.refusesSubscriptions = true }
        report(.failed(server, reason: "it has no `resources/subscribe`"))
        toolListChanged()
    }

    // MARK: tools

    func listed(_ tools: [JSONValue]) {
        var headers: [ExactText: [HeaderParameter]] = [:]
        for tool in tools {
            guard let known = try? ToolDefinition(tool), !known.headers.isEmpty else { continue }
            headers[known.name.text] = known.headers
        }
        knowledge.withLock {
            $0.tools = tools
            $0.headers = headers
        }
    }

    /// Returns true if a list that failed is taken as empty, and reports that once for each cause.
    func leavesOut(_ list: FeatureListMethod, for trouble: UpstreamFailure) -> Bool {
        guard trouble.wasAnswered, list != .tools else { return false }
        let isNew = knowledge.withLock {
            let known = $0.leftOut.updateValue(trouble.description, forKey: list)
            return known != trouble.description
        }
        guard isNew else { return true }
        report(.failed(server, reason: "its list of \(list.things) is left out: \(trouble)"))
        return true
    }

    /// Returns nil if the server did not list the tool.
    func definition(of tool: ToolName) -> JSONValue? {
        ListedOffers(tools: knowledge.withLock { $0.tools }).definition(of: tool)
    }

    /// Returns the headers that repeat a tool's arguments; usually empty.
    func headers(of tool: ToolName) -> [HeaderParameter] {
        knowledge.withLock { $0.headers.isEmpty ? [] : $0.headers[tool.text] ?? [] }
    }

    // MARK: conduct

    var strayAnswers: Int { conduct.withLock { $0.strayAnswers } }
    var strayUpdates: Int { conduct.withLock { $0.strayUpdates } }

    var quarantine: String? { quarantineReason.withLock { $0 } }
    private func quarantine(_ verdict: UpstreamConduct.Verdict) {
        let isNew = quarantineReason.withLock { current in
            defer { current = current ?? verdict.reason }
            return current == nil
        }
        if isNew {
            report(.quarantined(server, code: verdict.code, reason: verdict.reason))
            toolListChanged()
        }
    }

    /// - Returns: true if the server is quarantined for the fault.
    @discardableResult
    func note(_ fault: UpstreamConduct.Fault) -> Bool {
        let limits = limits
        let verdict = conduct.withLock { $0.note(fault, limits) }
        if let text = fault.text { report(.failed(server, reason: text)) }
        guard let verdict else { return false }
        quarantine(verdict)
        return true
    }
}

/// The numbers of one pool. Each is unique, even if a server is recreated.
final class UpstreamNumbers: Sendable {
    private let lastID = Atomic<Int64>(0)
    private let lastGeneration = Atomic<UInt64>(0)

    /// Returns a number for a request and its progress token.
    func nextID() -> Int64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Returns the generation of a server's lists: equal generations mean equal lists.
    func nextGeneration() -> UInt64 { lastGeneration.wrappingAdd(1, ordering: .relaxed).newValue }
}
