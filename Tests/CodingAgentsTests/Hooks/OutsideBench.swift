import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// A gateway with a socket for hooks outside runs, where user 1000 is the agent `clerk`.
struct OutsideBench {
    static let user: UInt32 = 1000
    static let agentPlane = "http://127.0.0.1:7400/mcp"
    static let users = [
        (
            "mcp_scopes: {desk: [look, report",
            "hooks: {uid: 1000}\n    mcp_scopes: {desk: [look, report"
        )
    ]

    /// The log's own `run.start` of each run.
    struct Starts: RunStartReader {
        var leaves: [RunID: JSONValue] = [:]

        func starts(of runs: Set<RunID>) async throws(StoreFailure) -> [RunID: JSONValue] {
            leaves.filter { runs.contains($0.key) }
        }
    }

    /// The results of doctor in the log; nil if it cannot be read.
    struct Results: DoctorResultReader {
        var leaves: [JSONValue]? = []

        func results() async throws(StoreFailure) -> [JSONValue] {
            guard let leaves else { throw StoreFailure(reason: "no log") }
            return leaves
        }
    }

    /// The files of the policy on disk.
    struct PolicyFiles {
        var hasError: @Sendable () -> Bool = { false }
    }

    let bench: Bench
    let service: HostSessionService
    /// The runs that the monitor ordered to end.
    let stops = HookBench.Stops()

    init(
        _ changes: [(String, String)] = users, starts: Starts = Starts(),
        results: Results = Results(), files: PolicyFiles = PolicyFiles(),
        _ settings: (inout GatewaySettings) -> Void = { _ in }
    ) throws {
        bench = try Bench(policy: HookBench.grants + changes) {
            settings(&$0)
        }
        service = HostSessionService(
            bench.pipeline,
            events: HookEventService(
                bench.pipeline, shell: FirstWord(),
                monitor: HookMonitorService(bench.gateway) { [stops] run, _ in
                    stops.runs.withLock { $0.append(run) }
                }, results: .clean,
                managed: ManagedServers([Self.agentPlane]), deadline: .seconds(30)),
            issuer: RunTokens(), starts: starts,
            doctor: DoctorResultService(bench.gateway, earlier: results),
            isReloadRefused: files.hasError)
    }

    static func head(
        user: UInt32 = user, method: String = "POST", path: String = AgentPlane.hookPath,
        bearer: String? = nil, query: String? = nil
    ) -> RequestHead {
        RequestHead(
            listener: .local(uid: user, pid: 1), method: method, path: path, query: query,
            headers: bearer.map { [(name: "authorization", value: "Bearer \($0)")] } ?? [],
            contentLength: nil, source: .user(user))
    }

    func post(
        _ body: [UInt8], _ head: RequestHead = Self.head(),
        _ exchange: FakeExchange = FakeExchange()
    ) async throws -> HTTPResponse {
        if case .refuse(let response) = service.judge(head) { return response }
        await service.handle(head, body: body, exchange)
        return try #require(exchange.now.response)
    }

    @discardableResult
    func send(_ event: HookEvent, user: UInt32 = user) async throws -> HookVerdict {
        let response = try await post(event.wire, Self.head(user: user))
        try #require(response.status == 200, "status \(response.status)")
        return try HookVerdict(wire: response.body)
    }

    /// The codes of the runs that have ended, in the order of the log.
    var ends: [String?] {
        bench.ledger.drafts(of: .runEnd).map { $0.fields["code"]?.string }
    }
}
