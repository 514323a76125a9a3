import InterlockGovernor
import InterlockLimits
package import InterlockModel

/// The circuit breaker of a server or tool while it is not closed.
package struct OpenBreaker: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case open(until: Timestamp)
        /// One call at a time is let through as a trial.
        case halfOpen

        package var text: String {
            switch self {
            case .open: "open"
            case .halfOpen: "half-open"
            }
        }
    }

    package let server: ServerName
    /// Is nil if the breaker covers the server as a whole.
    package let tool: ToolAddress?
    package let state: State

    package var isOpen: Bool { if case .open = state { true } else { false } }

    /// The name shown to people: `server` or `server.tool`.
    package var name: String { tool?.description ?? server.text }
}

extension Gateway {
    /// The open and half-open breakers, sorted by name.
    var openBreakers: [OpenBreaker] {
        let now = clock.now
        return breakers.status.compactMap { key, state in
            let seen: OpenBreaker.State
            switch state {
            case .open(let until): seen = .open(until: now.wall + (until - now.boot))
            case .halfOpen: seen = .halfOpen
            case .closed: return nil
            }
            return OpenBreaker(server: key.server, tool: key.tool, state: seen)
        }.sorted { $0.name < $1.name }
    }
}
