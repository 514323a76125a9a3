package import InterlockGovernor
package import InterlockPorts

/// The console's pages and their API, served by the people plane's listener.
package protocol PeoplePages: RequestHandler {
    /// The lane that handles the request, chosen from its head alone.
    func lane(of head: RequestHead) -> RequestLane
    /// The person or service account that the head proves, or nil. Reads from memory.
    func holder(of head: RequestHead) async -> String?
}

/// Routes requests on the people plane: machine endpoints go to the plane, all other paths to the console.
///
/// INVARIANT: the loop that reads the connections runs only `/healthz`, halts and sign-in; the rest runs on workers, so
/// that no page delays an order.
package struct PeopleListener: RequestHandler {
    private let plane: PeoplePlane
    /// Is nil if no console is configured.
    private let console: (any PeoplePages)?
    private let workers: LaneWorkers

    package init(_ plane: PeoplePlane, console: (any PeoplePages)? = nil, workers: LaneWorkers) {
        self.plane = plane
        self.console = console
        self.workers = workers
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        handler(of: head).judge(head).refusingCoded(head)
    }

    private func handler(of head: RequestHead) -> any RequestHandler {
        guard let console, !plane.serves(head.path) else { return plane }
        return console
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if let console, !plane.serves(head.path) {
            let holder = await console.holder(of: head)
            exchange.keepPlace(for: holder)
            await workers.handle(
                head, body: body, exchange, by: console, in: console.lane(of: head),
                isProven: holder != nil)
        } else {
            let lane = head.path == "/healthz" ? RequestLane.control : .page
            await workers.handle(head, body: body, exchange, by: plane, in: lane)
        }
    }
}
