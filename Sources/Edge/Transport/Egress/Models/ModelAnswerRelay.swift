import InterlockEgress
import InterlockPorts

/// Passes a provider's answer on to the client inside: a stream of events event by event, everything else as a whole.
/// Used on the loop of its proxy.
final class ModelAnswerRelay {
    private enum State {
        case waiting
        /// -> ended
        case whole(ClientHead, [UInt8])
        /// -> ended
        case events(EventStreamSplitter)
        /// The answer cannot be passed on. -> ended
        case refused(String)
        case ended
    }
    private let exchange: any Exchange
    private var state = State.waiting
    private var status: Int?
    private var reader = ModelAnswerReader()
    private let hash = SHA256Stream()
    /// The bytes of the body that were received.
    private(set) var receivedBytes: UInt64 = 0

    /// The largest event, in bytes.
    private static let longestEvent = 4 << 20

    init(_ exchange: any Exchange) { self.exchange = exchange }

    /// - Returns: false if the answer is not to be read any further.
    func take(_ head: ClientHead) -> Bool {
        status = head.status
        guard !head.fields.contains(where: Self.isEncoded) else {
            state = .refused("the answer of the model provider is compressed")
            return false
        }
        if head.status == 200, head.mediaType == "text/event-stream" {
            exchange.startEvents(
                headers: head.kept.filter { !ConnectionFields.isOfEvents($0.name) })
            state = .events(EventStreamSplitter())
        } else {
            state = .whole(head, [])
        }
        return true
    }

    /// - Returns: false if the answer is not to be read any further.
    func take(_ bytes: [UInt8]) -> Bool {
        receivedBytes += UInt64(bytes.count)
        switch state {
        case .whole(let head, var body):
            state = .waiting
            body += bytes
            state = .whole(head, body)
        case .events(var splitter):
            state = .waiting
            let whole = splitter.feed(bytes)
            state = .events(splitter)
            pass(whole)
            return splitter.heldBytes <= Self.longestEvent
        case .waiting, .refused, .ended: return false
        }
        return true
    }

    /// Ends the response. Its status is already sent if a stream of events has begun.
    func end(_ failure: ClientFailure?) {
        switch state {
        case .whole(let head, let body) where failure == nil:
            hash.take(body)
            reader.read(whole: body)
            exchange.respond(HTTPResponse(status: head.status, headers: head.kept, body: body))
        case .events(var splitter):
            pass(splitter.takeRest())
            exchange.endEvents()
        case .refused(let reason): exchange.respond(.plain(502, reason))
        case .waiting, .whole:
            let reason = failure?.reason ?? "there is no answer"
            exchange.respond(
                .plain(failure?.isLate == true ? 504 : 502, "the model provider: \(reason)"))
        case .ended: break
        }
        state = .ended
    }

    /// The answer as far as it was passed on, or nil if there was none. Must be called once, after `end`.
    func answer() -> ModelAnswer? {
        status.map {
            ModelAnswer(status: $0, digest: hash.digest(), statement: reader.statement)
        }
    }

    private func pass(_ events: [UInt8]) {
        guard !events.isEmpty else { return }
        hash.take(events)
        reader.read(events: events)
        exchange.send(event: events)
    }

    private static func isEncoded(_ field: ClientHead.Field) -> Bool {
        field.name.utf8.elementsEqual("content-encoding".utf8)
            && !field.value.utf8.elementsEqual("identity".utf8)
    }
}

extension ClientHead {
    /// The fields for the client inside: no cookies, which would be the provider's hold on an agent.
    fileprivate var kept: [(name: String, value: String)] {
        fields.filter {
            !ConnectionFields.contains($0.name)
                && !["alt-svc", "set-cookie"].contains($0.name)
        }.map { ($0.name, $0.value) }
    }
}

extension ClientFailure {
    fileprivate var isLate: Bool { kind == .idle || kind == .hard }
}
