package import InterlockPorts

/// Dedicated threads with a bounded queue, for requests that may take long.
package struct RequestWorkers: Sendable {
    private let executor: any TaskExecutor
    private let isFull: @Sendable () -> Bool

    /// - Parameter isFull: whether a request would have to queue; it is then refused.
    package init(_ executor: any TaskExecutor, isFull: @escaping @Sendable () -> Bool) {
        self.executor = executor
        self.isFull = isFull
    }

    /// Calls `RequestHandler.handle` of `handler` on the workers.
    ///
    /// - Parameter isProven: whether the head proves a person or a service account; such requests are never refused, so
    ///   that a crowd of others cannot keep them out. Their number is bounded by that of connections.
    func handle(
        _ head: RequestHead, body: [UInt8], _ exchange: any Exchange,
        by handler: any RequestHandler, isProven: Bool
    ) async {
        guard isProven || !isFull() else { return exchange.respond(.busy) }
        await withTaskExecutorPreference(executor) {
            await handler.handle(head, body: body, exchange)
        }
    }
}

/// The kind of thread that a request of people or of the operator needs.
package enum RequestLane: Sendable {
    /// The connection's own event loop: short work without disk, and without parsing text that agents or servers wrote.
    case control
    /// Pages and orders about halts that read or write the disk.
    case halts
    /// All other requests.
    case page
}

/// The workers of each lane except `control`.
package struct LaneWorkers: Sendable {
    private let halts: RequestWorkers
    private let pages: RequestWorkers

    package init(halts: RequestWorkers, pages: RequestWorkers) {
        self.halts = halts
        self.pages = pages
    }

    /// Calls `RequestHandler.handle` of `handler` on the lane's thread.
    package func handle(
        _ head: RequestHead, body: [UInt8], _ exchange: any Exchange,
        by handler: any RequestHandler, in lane: RequestLane, isProven: Bool = false
    ) async {
        switch lane {
        case .control: await handler.handle(head, body: body, exchange)
        case .halts: await halts.handle(head, body: body, exchange, by: handler, isProven: isProven)
        case .page: await pages.handle(head, body: body, exchange, by: handler, isProven: isProven)
        }
    }
}

extension HTTPResponse {
    static let busy = HTTPResponse.plain(
        503, "too many requests wait; try again in a second", ("retry-after", "1"))
}
