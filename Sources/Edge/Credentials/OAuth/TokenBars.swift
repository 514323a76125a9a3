import InterlockModel
import Synchronization

/// The reasons for which no token may be used or requested: a server that names another issuer, and pauses after even
/// fresh tokens were rejected.
final class TokenBars: Sendable {
    private struct State {
        /// Servers that receive no agent's token, and for which nothing is requested, until an operator lifts the
        /// block.
        var servers: Set<ServerName> = []
        var pauses: [ClientTokens.Purpose: TokenPause] = [:]
    }
    private let state = Mutex(State())

    /// Returns nil if a token may be used.
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

    /// - Returns: whether the server was not blocked before.
    func block(_ server: ServerName) -> Bool {
        state.withLock { $0.servers.insert(server).inserted }
    }

    func lift() { state.withLock { $0 = State() } }
    func lift(_ purpose: ClientTokens.Purpose) { state.withLock { $0.pauses[purpose] = nil } }

    /// Records that the second token of one request was rejected too.
    func exhausted(_ purpose: ClientTokens.Purpose, at now: BootTime) {
        state.withLock { state in
            var pause = state.pauses[purpose]
            pause?.turnedAway(at: now)
            state.pauses[purpose] = pause ?? TokenPause(at: now)
        }
    }

    /// - Parameter isAccepted: whether the server accepted the token itself and refused only its scopes.
    /// - Returns: whether requesting another token is useless.
    func turnedAway(_ purpose: ClientTokens.Purpose, isAccepted: Bool, at now: BootTime) -> Bool {
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
