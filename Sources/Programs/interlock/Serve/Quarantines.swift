import InterlockGateway
import InterlockModel
import Synchronization

/// Takes servers that break the protocol to the desk. The connections exist before the desk does.
final class Quarantines: Sendable {
    private struct Breach {
        let server: ServerName
        let code: String
        let reason: String
    }
    private struct State {
        var desk: QuarantineDesk?
        var waiting: [Breach] = []
    }
    private let state = Mutex(State())

    func note(_ server: ServerName, _ code: String, _ reason: String) {
        let breach = Breach(server: server, code: code, reason: reason)
        let desk = state.withLock { state -> QuarantineDesk? in
            if state.desk == nil { state.waiting.append(breach) }
            return state.desk
        }
        if let desk { Self.tell(breach, to: desk) }
    }

    /// From now on, and of those from before this call too.
    func tell(_ desk: QuarantineDesk) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.desk = desk
            return state.waiting
        }
        for breach in waiting { Self.tell(breach, to: desk) }
    }

    private static func tell(_ breach: Breach, to desk: QuarantineDesk) {
        desk.brokeProtocol(breach.server, code: breach.code, reason: breach.reason)
    }
}
