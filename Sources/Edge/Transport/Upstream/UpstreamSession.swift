import InterlockGateway
import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// One MCP session with one upstream, for one agent or for the gateway itself. From any loop.
protocol UpstreamSession: AnyObject, Sendable {
    /// As `Upstreams.call`.
    func call(_ call: UpstreamCall) async -> UpstreamAnswer
    /// All pages.
    func listTools() async -> Result<[JSONValue], UpstreamTrouble>
    /// Ends the session in good form; calls in flight end first as failed.
    func close() async
}

/// Why an upstream cannot be used now; one sentence, lower case.
struct UpstreamTrouble: Error, Sendable, CustomStringConvertible {
    let description: String
    /// Whether the upstream may have got the request.
    var wasSent = false
    init(_ description: String, wasSent: Bool = false) {
        self.description = description
        self.wasSent = wasSent
    }
}

/// What the sessions of one server share.
final class UpstreamShared: Sendable {
    private let current: Mutex<UpstreamConfiguration>
    let clientVersion: String
    /// Ids of requests and progress tokens: unique over all sessions of the server, never used again.
    private let lastID = Atomic<Int64>(0)
    let report: @Sendable (UpstreamEvent) -> Void
    private let listChanged = Mutex<(@Sendable () -> Void)?>(nil)
    private let quarantineReason = Mutex<String?>(nil)
    /// What the server said of itself when a session was opened last.
    private let lastHandshake = Mutex<UpstreamHandshake?>(nil)

    init(
        configuration: UpstreamConfiguration, clientVersion: String,
        report: @escaping @Sendable (UpstreamEvent) -> Void
    ) {
        server = configuration.server
        current = Mutex(configuration)
        self.clientVersion = clientVersion
        self.report = report
    }

    let server: ServerName
    var configuration: UpstreamConfiguration { current.withLock { $0 } }
    var limits: UpstreamLimits { current.withLock { $0.limits } }
    func credential(of agent: AgentName?) -> (header: String, value: String)? {
        current.withLock { $0.credential }(agent)
    }
    func update(_ configuration: UpstreamConfiguration) { current.withLock { $0 = configuration } }

    func nextID() -> Int64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    func onListChanged(_ body: @escaping @Sendable () -> Void) {
        listChanged.withLock { $0 = body }
    }
    func toolListChanged() { listChanged.withLock { $0 }?() }

    var handshake: UpstreamHandshake? { lastHandshake.withLock { $0 } }
    func opened(_ handshake: UpstreamHandshake) { lastHandshake.withLock { $0 = handshake } }

    var quarantine: String? { quarantineReason.withLock { $0 } }
    func quarantine(_ reason: String) {
        let isNew = quarantineReason.withLock { current in
            defer { current = current ?? reason }
            return current == nil
        }
        if isNew {
            report(.quarantined(server, reason: reason))
            toolListChanged()
        }
    }
}
