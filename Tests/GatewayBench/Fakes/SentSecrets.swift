import Synchronization

@testable import InterlockGovernor

/// Notes the canaries and values of the broker that calls sent, and no signal.
final class SentSecrets: SignalLadder {
    private let sent = Mutex<[SentSecret]>([])
    var all: [SentSecret] { sent.withLock { $0 } }

    func take(_ signal: RaisedSignal) {}
    func take(_ secret: SentSecret) { sent.withLock { $0.append(secret) } }
}
