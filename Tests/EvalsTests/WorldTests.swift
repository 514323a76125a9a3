import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The fake servers of a trial (docs/specs/evals.md, section 2).
@Suite(.requirement("R115")) struct WorldTests {
    private let refund = ToolAddress(ofCase: "billing.refund_request").unwrapped
    private let invoice = ToolAddress(ofCase: "billing.get_invoice").unwrapped

    private func world(_ text: String = EvalFixture.world) -> World {
        World(EvalFixture.readWorld(text).fixture.unwrapped)
    }

    @Test func `the first answer that fits counts, and changes the state`() {
        var world = world()
        let answer = world.call(refund, ["amount_cents": 1900, "currency": "EUR"])
        #expect(!answer.isError && answer.structured == nil)
        let shown = answer.content.first?["text"]?.string
        #expect(shown == #"[{"amount_cents":1900}]"#)
        #expect(world.state["billing"]?["refunds"]?.array?.count == 1)
        let other = world.call(refund, ["amount_cents": 7])
        #expect(other.isError && other.content.first?["text"]?.string == "no such order")
        #expect(world.state["billing"]?["refunds"]?.array?.count == 1)
        #expect(world.calls == 2 && world.gaps.isEmpty)
    }

    @Test func `arguments are compared by the value of numbers`() throws {
        var world = world()
        let number = JSONValue.number(JSONNumber(text: "1900.0", double: 1900))
        let answer = world.call(refund, ["amount_cents": number])
        #expect(!answer.isError)
        let text = world.call(refund, ["amount_cents": "1900"])
        #expect(text.isError && world.gaps.isEmpty)
    }

    @Test func `structured content has its text beside it`() {
        var world = world()
        let answer = world.call(invoice, [:])
        #expect(answer.structured == ["amount_cents": 1900])
        #expect(answer.content.first?["text"]?.string == #"{"amount_cents":1900}"#)
        #expect(answer.result["isError"] == false && answer.result["structuredContent"] != nil)
    }

    @Test func `an answer can depend on the state, so that a second call gets another one`() {
        var world = world(
            """
            interlock_eval: 1
            servers:
              tickets:
                state: {open: true}
                tools:
                  close:
                    - state: {/open: true}
                      answer: {text: closed}
                      patch: [{op: replace, path: /open, value: false}]
                    - answer: {error: closed already}

            """)
        let close = ToolAddress(ofCase: "tickets.close").unwrapped
        let first = world.call(close, [:])
        let second = world.call(close, [:])
        #expect(!first.isError && second.isError && world.gaps.isEmpty)
        #expect(world.state["tickets"] == ["open": false])
    }

    /// A tool of one server, and the gap that a call of `a.b` is.
    private static let gaps: [(String, FixtureGap.Reason)] = [
        ("c: {answer: {text: x}}", .noTool),
        ("b: {match: {/x: 1}, answer: {text: x}}", .noAnswer),
        ("b: {state: {/x: 1}, answer: {text: x}}", .noAnswer),
        ("b: {answer: {state: /x}}", .noValue),
        (
            "b: {answer: {text: x}, patch: [{op: remove, path: /x}]}",
            .patch(.notThere(operation: 0))
        ),
        (
            "b: {answer: {text: x}, patch: [{op: add, path: /y, value: 1}, "
                + "{op: test, path: /y, value: 2}]}", .patch(.testFailed(operation: 1))
        ),
    ]

    @Test(arguments: gaps)
    func `a call without an answer is a gap, and changes nothing`(
        _ tool: String, _ reason: FixtureGap.Reason
    ) {
        var world = world(
            "interlock_eval: 1\nservers: {a: {tools: {\(tool)}}}\n")
        let before = world.state
        let address = ToolAddress(ofCase: "a.b").unwrapped
        let answer = world.call(address, [:])
        #expect(answer.isError && answer.content.first?["text"]?.string?.isEmpty == false)
        #expect(world.gaps == [FixtureGap(tool: address, reason: reason)])
        #expect(world.state == before && world.calls == 1)
        #expect(!world.gaps[0].text.contains("\n"))
    }

    @Test func `a server that is not there, or is a real one, is a gap`() {
        var world = world("interlock_eval: 1\nservers: {a: {command: [\"x\"]}}\n")
        let real = ToolAddress(ofCase: "a.b").unwrapped
        let foreign = ToolAddress(ofCase: "z.b").unwrapped
        _ = world.call(real, [:])
        _ = world.call(foreign, [:])
        #expect(world.gaps.map(\.reason) == [.realServer, .noServer])
        #expect(world.fixture.has(real) && !world.fixture.has(foreign))
        #expect(world.state.isEmpty)
    }

    @Test func `a trial has at most 200 calls`() {
        var world = world()
        for _ in 0..<EvalLimits.calls { _ = world.call(invoice, [:]) }
        #expect(world.gaps.isEmpty)
        let late = world.call(refund, ["amount_cents": 1900])
        let isAdmitted = world.admit()
        #expect(late.isError && !isAdmitted && world.calls == EvalLimits.calls)
        #expect(world.state["billing"]?["refunds"]?.array?.isEmpty == true)
        #expect(world.gaps.isEmpty, "too many calls are no fault of the fixture")
    }
}
