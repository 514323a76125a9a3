import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

@testable import InterlockAdministration
@testable import InterlockGovernor

/// A client with a session that repeatedly calls the one tool.
struct StageCaller {
    let world: StageWorld
    let session: String
    /// The caller of the call whose stages are run one by one.
    let caller = Caller(
        exchange: Answers(), credential: StreamCredential("agent", from: .anyone))

    static func open(_ world: StageWorld) async throws -> StageCaller {
        let answers = Answers()
        let body: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": [
                "protocolVersion": .string(ProtocolVersion.newest.rawValue), "capabilities": [:],
                "clientInfo": ["name": "bench", "version": "1"],
            ],
        ]
        await world.pipeline.run(head(nil), body: body.serialized(), answers)
        let headers = answers.response?.headers ?? []
        guard let session = headers.first(where: { $0.name == "mcp-session-id" })?.value else {
            throw Misuse.world
        }
        return StageCaller(world: world, session: session)
    }

    /// Runs one whole call, from the request's head to its response; returns nanoseconds.
    func call() async throws -> Double {
        let answers = Answers()
        let body = body()
        let head = Self.head(session)
        let start = ContinuousClock.now
        await world.pipeline.run(head, body: body, answers)
        let took = ContinuousClock.now - start
        let text = answers.response.map { String(decoding: $0.body, as: UTF8.self) } ?? ""
        guard text.contains("done"), !text.contains("isError") else { throw Misuse.refused(text) }
        return took.nanoseconds
    }

    /// Runs one call until a halt ends it.
    func hold() async {
        let answers = Answers()
        await world.pipeline.run(Self.head(session), body: body(), answers)
    }

    /// A call that has passed every stage before the approval stage.
    func recorded() async throws -> RecordedCall {
        let pipeline = world.pipeline
        let received = try pipeline.receive(Self.head(session)).get()
        let admitted = try pipeline.checkHalt(try pipeline.identify(received).get()).get()
        let parsed = try pipeline.parse(admitted, body(), caller).get()
        guard case .call(let call)? = parsed.messages.first else { throw Misuse.world }
        return try await pipeline.recordIntent(
            try pipeline.decide(
                pipeline.attempt(
                    await pipeline.searchArguments(of: try pipeline.resolve(call).get()))
            ).get()
        ).get()
    }

    private func body() -> [UInt8] {
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(world.next()), "method": "tools/call",
            "params": ["name": "desk__look", "arguments": ["n": 4711, "text": "lamp"]],
        ]
        return message.serialized()
    }

    private static func head(_ session: String?) -> RequestHead {
        var headers = [
            ("host", "localhost:7400"), ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"), ("authorization", "Bearer agent"),
        ]
        if let session { headers.append(("mcp-session-id", session)) }
        return RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil,
            headers: headers.map { (name: $0.0, value: $0.1) }, contentLength: nil)
    }
}
