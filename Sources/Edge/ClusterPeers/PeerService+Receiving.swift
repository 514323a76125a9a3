import InterlockCluster
import InterlockJSON
import InterlockModel
package import InterlockPorts
import Synchronization

/// The messages of other nodes. The head of a request is judged before its body is read, so a connection of anyone else
/// costs a handshake and a head.
extension PeerService: RequestHandler {
    package func judge(_ head: RequestHead) -> HeadDecision {
        if let refusal = refusal(of: head) { return .refuse(refuse(refusal)) }
        return .readBody(limitBytes: limit(of: head) ?? 0)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if isForwarded(head) { return await serve(head, body, exchange) }
        exchange.respond(await respond(to: body, head, exchange))
    }

    private func refusal(of head: RequestHead) -> PeerRefusal? {
        let wall = clock.wall
        let sender = shared.withLock { $0.table.sender(of: head.certificate, at: wall) }
        if case .failure(let refusal) = sender { return refusal }
        guard head.method == "POST", head.query == nil,
            head.path == PeerMessage.path || isForwarded(head)
        else { return .unknownPath }
        guard let length = head.contentLength else { return .malformed }
        guard let limit = limit(of: head) else { return .notReady }
        return length > limit ? .tooLarge : nil
    }

    private func isForwarded(_ head: RequestHead) -> Bool {
        sameBytes(head.path, ForwardedRequest.path)
    }

    /// The bytes that the body may have; nil if such a request is not served now.
    private func limit(of head: RequestHead) -> Int? {
        isForwarded(head) ? forwardLimitBytes : PeerLimits.messageBytes
    }

    private func respond(
        to body: [UInt8], _ head: RequestHead, _ exchange: any Exchange
    ) async -> HTTPResponse {
        let now = clock.now
        // The membership may have changed while the body came.
        let judged = shared.withLock {
            shared -> Result<(PeerMessage, [PeerTable.Action]), PeerRefusal> in
            switch shared.table.sender(of: head.certificate, at: now.wall) {
            case .success(let node): return shared.table.receive(body, from: node, at: now.boot)
            case .failure(let refusal):
                shared.table.refuse(refusal)
                return .failure(refusal)
            }
        }
        switch judged {
        case .failure(let refusal): return Self.response(refusal)
        case .success(let (message, actions)):
            exchange.keepPlace(for: message.from.text)
            perform(actions)
            return await answer(message)
        }
    }

    private func answer(_ message: PeerMessage) async -> HTTPResponse {
        let content: PeerResponse.Content
        switch message.content {
        case .beat: content = .beat
        case .halts(let halts):
            var results: [Bool] = []
            for halt in halts { results.append(await listener.apply(halt, from: message.from)) }
            content = .halts(results)
        case .entries(let number):
            guard shared.withLock({ $0.readers.insert(message.from).inserted }) else {
                return refuse(.tooMany)
            }
            content = .entries(await listener.entries(after: number).pageForPeer)
            shared.withLock { _ = $0.readers.remove(message.from) }
        case .witness(let request):
            content = .witness(await listener.judge(request, from: message.from))
        }
        let response = PeerResponse(
            to: message, head: shared.withLock { $0.table.head }, at: clock.wall, content: content)
        guard let bytes = try? response.canonical() else { return HTTPResponse(status: 500) }
        return HTTPResponse(
            status: 200, headers: [("content-type", "application/json")], body: bytes)
    }

    func refuse(_ refusal: PeerRefusal) -> HTTPResponse {
        shared.withLock { $0.table.refuse(refusal) }
        return Self.response(refusal)
    }

    private static func response(_ refusal: PeerRefusal) -> HTTPResponse {
        .json(refusal.status, ["refused": .string(refusal.rawValue)])
    }
}
