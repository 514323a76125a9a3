import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockShell
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// A gateway whose agent `clerk` is a coding agent, and the events that its host sends over the socket of supervisors.
struct HookBench {
    /// Reads and tests are allowed at every stage; writes need one approval at stage supervised.
    static let grants = [
        (
            "note, mail, pay, nuke]}",
            "note, mail, pay, nuke], host: [read, {tool: write}, {tool: shell}]}"
        )
    ]

    let bench: Bench
    let service: HookEventService
    let monitor: HookMonitorService
    let stops = Stops()

    /// The runs that the monitor ordered to end.
    final class Stops: Sendable {
        let runs = Mutex<[RunID]>([])
    }

    /// - Parameters:
    ///   - changes: further changes of the policy of the tests.
    ///   - results: the inspection of results; finds nothing by default.
    ///   - arguments: the search in the arguments of calls.
    ///   - since: since when all events come; nil for later than the runs of the tests began.
    init(
        _ changes: [(String, String)] = [], stage: Int = 1, deadline: Duration = .seconds(30),
        shell: any ShellClassifier = FirstWord(), hold: Duration = .seconds(60),
        since: Timestamp? = nil, results: ResultInspections = .clean,
        arguments: any ResultInspector = StubInspector.clean
    ) throws {
        bench = try Bench(policy: Self.grants + changes, stage: stage, results: arguments) {
            $0.hold = hold
        }
        monitor = HookMonitorService(bench.gateway, since: since) { [stops] run, _ in
            stops.runs.withLock { $0.append(run) }
        }
        service = HookEventService(
            bench.pipeline, shell: shell, monitor: monitor, results: results, deadline: deadline)
    }

    static func event(
        _ kind: HookEventKind = .preTool, session: String = "s1", call: String? = "c1",
        tool: HookTool? = nil, agent: String? = nil, details: JSONObject = [:]
    ) -> HookEvent {
        HookEvent(
            host: .claudeCode, hostVersion: "2.1.327", kind: kind, hostName: "Event",
            session: session, call: call, agent: agent, workingDirectory: "/workspace",
            tool: tool, details: details)
    }

    static func tool(_ name: HookToolName, _ arguments: JSONObject = [:]) -> HookTool {
        HookTool(hostName: "Tool", name: name, arguments: arguments)
    }

    static func shell(_ command: String) -> HookTool {
        tool(.shell, ["command": .string(command)])
    }

    static func head(
        as bearer: String? = "clerk", method: String = "POST", listener: Listener? = nil
    ) -> RequestHead {
        RequestHead(
            listener: listener ?? .local(uid: 7, pid: 1), method: method,
            path: AgentPlane.hookPath, query: nil,
            headers: bearer.map { [(name: "authorization", value: "Bearer \($0)")] } ?? [],
            contentLength: nil)
    }

    /// Sends the bytes of one event and returns the response.
    func post(
        _ body: [UInt8], _ head: RequestHead = Self.head(),
        _ exchange: FakeExchange = FakeExchange()
    ) async throws -> HTTPResponse {
        if case .refuse(let response) = service.judge(head) { return response }
        await service.handle(head, body: body, exchange)
        return try #require(exchange.now.response)
    }

    @discardableResult
    func send(
        _ event: HookEvent, as bearer: String = "clerk", _ exchange: FakeExchange = FakeExchange()
    ) async throws -> HookVerdict {
        let response = try await post(event.wire, Self.head(as: bearer), exchange)
        try #require(response.status == 200, "status \(response.status)")
        return try HookVerdict(wire: response.body)
    }

    func types(after start: RecordType = .runStart) -> [RecordType] {
        Array(bench.types.drop { $0 != start }.dropFirst())
    }
}

/// Takes the first word of a command for its class.
struct FirstWord: ShellClassifier {
    func read(_ command: String, for agent: AgentEntry) -> ShellReading {
        let words = command.split(separator: " ").map(String.init)
        let found = words.first.flatMap(ShellKind.init)
        return ShellReading(found ?? .arbitrary, commands: words)
    }
}

extension ResultInspections {
    static let clean = ResultInspections(StubInspector.clean)
}
