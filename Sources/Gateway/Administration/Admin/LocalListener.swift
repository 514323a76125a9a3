package import InterlockGovernor
package import InterlockPorts

/// Everything that the local socket's listener serves. Halts, and what `interlock kill` asks before one, run on the loop
/// that reads the connections; the rest runs on workers, since it may read the disk or compile a policy.
package struct LocalListener: RequestHandler {
    private let api: LocalAPI
    private let workers: LaneWorkers

    package init(_ api: LocalAPI, workers: LaneWorkers) {
        self.api = api
        self.workers = workers
    }

    package func judge(_ head: RequestHead) -> HeadDecision { api.judge(head) }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        await workers.handle(head, body: body, exchange, by: api, in: lane(of: head))
    }

    private func lane(of head: RequestHead) -> RequestLane {
        let path = head.path.split(separator: "/")
        guard path.count > 1 else { return .page }
        return switch (head.method, path[1]) {
        case (_, "halts"), ("GET", "names"): .control
        case ("GET", "runs") where path.count == 2: .control
        case (_, "releases"): .halts
        default: .page
        }
    }
}
