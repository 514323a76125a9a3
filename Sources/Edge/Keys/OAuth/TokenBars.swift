import InterlockModel
import Synchronization

/// Why no token may be used or asked for: another issuer at a server, and pauses where even fresh tokens are
/// turned away.
final class TokenBars: Sendable {
    private struct State {
        /// No agent's token goes to these, and nothing is asked of anybody for them, until an operator has
        /// looked.
        var servers: Set<ServerName> = []
        var pauses: [ClientTokens.Purpose: TokenPause] = [:]
    }
    private let state = Mutex(State())

    /// nil where nothing stands against it.
    func failure(_ purpose: ClientTokens.Purpose, at now: BootTime) -> KeyFailure? {
        state.withLock { state in
            if state.servers.contains(purpose.server) { return Self.foreign }
            guard let rest = state.pauses[purpose]?.rest(at: now) else { return nil }
            return KeyFailure(
                .refused,
                "the server turned away even a fresh token; none is asked for during the next \(rest.components.seconds + 1) s",
                help: "compare its metadata with `secrets.oauth`; SIGHUP asks at once")
        }
    }

    /// - Returns: whether it was not blocked before.
    func block(_ server: ServerName) -> Bool {
        state.withLock { $0.servers.insert(server).inserted }
    }

    func lift() { state.withLock { $0 = State() } }
    func lift(_ purpose: ClientTokens.Purpose) { state.withLock { $0.pauses[purpose] = nil } }

    /// A second token of one request was turned away too.
    func exhausted(_ purpose: ClientTokens.Purpose, at now: BootTime) {
        state.withLock { state in
            var pause = state.pauses[purpose]
            pause?.turnedAway(at: now)
            state.pauses[purpose] = pause ?? TokenPause(at: now)
        }
    }

    /// - Parameter isAccepted: the server has looked at the token's scopes, so it took the token.
    /// - Returns: whether it is of no use to ask for another one.
    func turnedAway(
        _ purpose: ClientTokens.Purpose, isAccepted: Bool, at now: BootTime
    ) -> Bool {
        state.withLock { state in
            guard var pause = state.pauses[purpose] else { return false }
            guard !isAccepted, pause.rest(at: now) != nil || pause.isOnTrial(at: now) else {
                state.pauses[purpose] = nil
                return false
            }
            pause.turnedAway(at: now)
            state.pauses[purpose] = pause
            return true
        }
    }

    static let foreign = KeyFailure(
        .foreign, "the server names another authorization server than the configured one",
        help: "compare its metadata with `secrets.oauth`, then send SIGHUP")
}
