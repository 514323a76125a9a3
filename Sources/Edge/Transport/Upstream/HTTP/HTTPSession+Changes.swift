import InterlockJSON
import InterlockMCP

/// A response that the server keeps open.
struct HTTPStream: Sendable {
    let post: MCPPostExchange
    let loop: EventLoop

    func close() { loop.perform { post.cancel() } }
}

extension HTTPSession {
    /// Longer than the silence of any server that sends comments to keep its streams open.
    static let longestSilence = Duration.seconds(600)
    static let longestStream = Duration.seconds(86_400)

    func listen() async {
        guard let opened = openedNow, !opened.changing.isEmpty,
            case .success(let credential) = await credential()
        else { return }
        await clients.onLoop { client in
            await withCheckedContinuation { continuation in
                let id = self.shared.nextID()
                let post = MCPPostExchange(
                    client: client, id: id, onMessage: { self.take($0, client, in: opened) },
                    onOutcome: { _, _ in continuation.resume() })
                post.start(self.listening(opened, id, credential))
                self.hold(HTTPStream(post: post, loop: client.loop))
            }
        }
    }

    /// - Parameter resources: the resources to subscribe to instead of lists, in the modern era; nil for the lists.
    /// - Returns: a separate request in the modern era, the session's standing stream in the legacy one.
    func listening(
        _ opened: Opened, _ id: Int64, resources: Set<ExactText>? = nil,
        _ credential: UpstreamCredential?
    ) -> ClientRequest {
        var request: ClientRequest
        if opened.version.isModern {
            let envelope = shared.envelope(opened.version)
            request = self.request(
                UpstreamMessages.listen(
                    id: id, to: resources == nil ? opened.changing : [],
                    resources: resources?.sorted().texts ?? [], envelope), in: opened,
                headers: envelope.headers(of: "subscriptions/listen"), credential)
        } else {
            request = self.request([], in: opened, credential)
            request.method = "GET"
            request.headers.removeAll { $0.name == "Content-Type" }
        }
        request.idleLimit = Self.longestSilence
        request.hardLimit = Self.longestStream
        return request
    }
}
