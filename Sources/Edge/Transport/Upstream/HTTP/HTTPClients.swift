/// One HTTP client per loop.
package final class HTTPClients: Sendable {
    private let loops: LoopGroup
    private let clients: [ObjectIdentifier: HTTPClient]

    package init(loops: LoopGroup) {
        self.loops = loops
        clients = Dictionary(
            uniqueKeysWithValues: loops.loops.map { (ObjectIdentifier($0), HTTPClient(loop: $0)) })
    }

    /// Runs `body` on the caller's loop, or on the next one if the caller is not on a loop.
    package func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (HTTPClient) async -> Value
    ) async -> Value {
        if let loop = loops.current, let client = clients[ObjectIdentifier(loop)] {
            return await body(client)
        }
        let loop = loops.next()
        guard let client = clients[ObjectIdentifier(loop)] else {
            preconditionFailure("a loop of another group")
        }
        return await Task(executorPreference: loop) { await body(client) }.value
    }
}
