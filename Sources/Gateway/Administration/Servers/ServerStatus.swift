package import InterlockGovernor
package import InterlockModel
package import InterlockPolicy
import InterlockPorts

/// The status of one server.
package struct ServerStatus: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// The server is withheld until a person releases it.
        case quarantined(ShutOff)
        /// The lock does not permit it, so nothing of it is offered.
        case refused(LockRefusal)
        /// The server cannot be reached or used; with one sentence.
        case unavailable(String)
        case notConnected
        case connecting
        case ready(Offered)

        package var text: String {
            switch self {
            case .quarantined: "quarantined"
            case .refused, .unavailable: "not offered"
            case .notConnected: "not connected"
            case .connecting: "connecting"
            case .ready: "ready"
            }
        }

        /// Every value of `text`.
        package static let texts = [
            "quarantined", "not offered", "not connected", "connecting", "ready",
        ]

        package var reason: String? {
            switch self {
            case .quarantined(let cause): "\(cause)"
            case .refused(let refusal): refusal.description
            case .unavailable(let reason): reason
            case .notConnected, .connecting, .ready: nil
            }
        }

        package var offered: Offered? {
            if case .ready(let offered) = self { offered } else { nil }
        }

        /// True if nothing is offered, whatever the server lists.
        package var isShut: Bool {
            switch self {
            case .quarantined, .refused: true
            case .unavailable, .notConnected, .connecting, .ready: false
            }
        }
    }

    /// The number of features that a server lists.
    package struct Offered: Sendable, Hashable {
        package let tools: Int
        package var resources: Int = 0
        package var templates: Int = 0
        package var prompts: Int = 0
    }

    package let name: ServerName
    package let state: State
    /// Is nil if the policy does not say how to reach it.
    package var connection: ServerConnection?
    package var weakness: ServerWeakness?
    /// The number of tools and prompts in the lock, or nil if the lock does not have the server.
    package var pins: Int?
    /// The listed features that are hidden from agents; empty while the server is unavailable or shut off.
    package var hidden: [HiddenTool] = []
    /// The open breakers of the server and of its tools.
    package var breakers: [OpenBreaker] = []

    package var transport: String? {
        switch connection {
        case .http: "http"
        case .stdio: "stdio"
        case nil: nil
        }
    }
}

extension Gateway {
    func status(of name: ServerName, under policy: PolicySnapshot) -> ServerStatus {
        let state = state(of: name, under: policy)
        return ServerStatus(
            name: name, state: state, connection: policy.servers[name]?.connect,
            weakness: policy.servers[name]?.weakness,
            pins: policy.lock?.servers[name].map { $0.tools.count + $0.prompts.count },
            // Comparing a server that is shut off would record features that are not offered.
            hidden: state.isShut ? [] : pins.hidden(of: name, under: policy),
            breakers: openBreakers.filter { $0.server == name })
    }

    private static let longestReason = 512

    func state(of name: ServerName, under policy: PolicySnapshot) -> ServerStatus.State {
        if let cause = pins.shutOff(of: name) { return .quarantined(cause) }
        if let refusal = policy.lockRefusal(of: name) { return .refused(refusal) }
        switch upstreams.view(of: name) {
        case .unknown: return .notConnected
        case .connecting: return .connecting
        case .unavailable(let reason):
            return .unavailable(String(reason.prefix(Self.longestReason)))
        case .ready(_, let tools):
            let offers = upstreams.offers(of: name)
            return .ready(
                ServerStatus.Offered(
                    tools: tools.count, resources: offers.resources.count,
                    templates: offers.templates.count, prompts: offers.prompts.count))
        }
    }
}
