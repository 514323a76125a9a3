import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Recorded runs as drafts of agent cases (docs/specs/evals.md, section 7).
@Suite(.requirement("R102")) struct AgentCaseDraftTests {
    private static func tool(_ name: String, of server: String = "billing") throws -> ToolAddress {
        ToolAddress(
            server: try #require(ServerName(server)), tool: try #require(ToolName(name)))
    }

    private static func text(_ text: String) -> JSONObject {
        ["content": [["type": "text", "text": .string(text)]]]
    }

    private static func draft(
        _ calls: [CapturedStep], request: String? = "Refund it."
    ) throws -> AgentCaseDraft {
        let run = try #require(
            CapturedRun(agent: EvalFixture.agentName, request: request, calls: calls))
        return try #require(AgentCaseDraft(run, CaseDraftTests.origin()))
    }

    private static func world(_ draft: AgentCaseDraft) -> WorldReading {
        EvalFixture.readWorld(draft.worldText)
    }

    @Test func `a run is a draft whose fixture answers as its servers did`() throws {
        let search = try Self.tool("search", of: "tickets")
        let refund = try Self.tool("refund_request")
        let draft = try Self.draft([
            CapturedStep(call: search, arguments: [:], result: Self.text("all")),
            CapturedStep(call: search, arguments: ["text": "lamp"], result: Self.text("one")),
            CapturedStep(call: search, arguments: ["text": "lamp"], result: Self.text("two")),
            CapturedStep(
                call: refund, arguments: ["amount_cents": 50_001, "a/b": .null], result: nil),
        ])
        let reading = EvalFixture.readCase(draft.text)
        #expect(reading.findings.map(\.text) == [])
        let one = try #require(reading.evalCase)
        guard case .agent(let agent) = one.body else {
            Issue.record("the case is not of kind agent")
            return
        }
        #expect(one.isDraft && one.caseClass == .incident && one.id == draft.id)
        #expect(agent.request == "Refund it." && agent.world == draft.worldPath)
        #expect(
            agent.calls.forbidden == [
                CallPattern(call: refund, arguments: ["amount_cents": 50_001, "a/b": .null])
            ])
        #expect(draft.text.contains("# Calls without a result on record"))
        let read = Self.world(draft)
        #expect(read.findings.map(\.text) == [])
        var world = World(try #require(read.fixture))
        let answers = [["text": "lamp"], ["text": "lamp"], ["text": "lamp"], [:] as JSONObject]
            .map { Self.answer(&world, search, $0) }
        #expect(answers == ["one", "two", "two", "all"])
    }

    private static func answer(
        _ world: inout World, _ tool: ToolAddress, _ arguments: JSONObject
    ) -> String? {
        world.call(tool, arguments).content.first?["text"]?.string
    }

    @Test func `a run without a request is missing it, and is no case before it is stated`() throws
    {
        let draft = try Self.draft(
            [CapturedStep(call: try Self.tool("get_invoice"), arguments: nil, result: nil)],
            request: nil)
        #expect(draft.text.contains("\nmissing: [request]\n"))
        #expect(EvalFixture.readCase(draft.text).evalCase?.isDraft == true)
        let counted = draft.text.replacing("draft: true\n", with: "")
        #expect(EvalFixture.readCase(counted).evalCase == nil)
    }

    @Test(arguments: ["x\nexpect: {}\n", "\u{202e}\u{0}'\"\\", "# no comment", "- [*a, &b, !t]"])
    func `texts of an agent stay texts`(_ hostile: String) throws {
        let draft = try Self.draft(
            [
                CapturedStep(
                    call: try Self.tool("get_invoice"),
                    arguments: [hostile: .string(hostile)],
                    result: ["content": [["type": "text", "text": .string(hostile)]]])
            ], request: hostile.replacing("\u{0}", with: ""))
        #expect(EvalFixture.readCase(draft.text).findings.map(\.text) == [])
        #expect(Self.world(draft).findings.map(\.text) == [])
    }
}
