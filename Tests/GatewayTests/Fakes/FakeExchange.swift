import InterlockGateway
import InterlockJSON
import Synchronization

/// Keeps what the gateway answered.
final class FakeExchange: Exchange {
    struct Seen: Sendable {
        var response: HTTPResponse?
        var events: [[UInt8]] = []
        var isStream = false
        var isEnded = false
    }
    private let seen = Mutex(Seen())
    private let closers = Mutex<[@Sendable () -> Void]>([])

    var now: Seen { seen.withLock { $0 } }

    func respond(_ response: HTTPResponse) { seen.withLock { $0.response = response } }
    func startEvents(headers: [(name: String, value: String)]) {
        seen.withLock { $0.isStream = true }
    }
    func send(event: [UInt8]) { seen.withLock { $0.events.append(event) } }
    func endEvents() { seen.withLock { $0.isEnded = true } }
    func onClose(_ handler: @escaping @Sendable () -> Void) {
        closers.withLock { $0.append(handler) }
    }

    /// The client goes away.
    func close() { for closer in closers.withLock({ $0 }) { closer() } }

    /// The JSON-RPC message of the answer, whole or as the stream's last event.
    var message: JSONValue? {
        let now = now
        let bytes: [UInt8]
        if let response = now.response {
            bytes = response.body
        } else {
            guard let last = now.events.last else { return nil }
            let text = String(decoding: last, as: UTF8.self)
            let data = text.split(separator: "\n").filter { $0.hasPrefix("data: ") }
            bytes = Array(data.map { $0.dropFirst(6) }.joined(separator: "\n").utf8)
        }
        return try? JSONValue(parsing: bytes, limits: .upstream)
    }
}
