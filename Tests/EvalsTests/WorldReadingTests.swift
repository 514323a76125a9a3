import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The format of fixtures (docs/specs/evals.md, section 2).
@Suite(.requirement("R115")) struct WorldReadingTests {
    @Test func `a fixture is read whole`() throws {
        let reading = EvalFixture.readWorld(EvalFixture.world)
        #expect(reading.findings.map(\.text) == [])
        let fixture = try #require(reading.fixture)
        #expect(fixture.servers.map(\.name.text) == ["billing", "crm"])
        guard case .scripted(let billing) = fixture.servers[0].body else {
            Issue.record("not scripted")
            return
        }
        #expect(billing.state["note"]?.string == "order 8812")
        #expect(billing.tools.map(\.name.text) == ["get_invoice", "refund_request"])
        let answers = billing.tools[1].answers
        #expect(answers.count == 2 && answers[0].match.count == 1 && answers[1].match.isEmpty)
        #expect(answers[0].patch.operations.count == 1 && answers[1].patch.operations.isEmpty)
        #expect(answers[1].content == .error("no such order"))
        #expect(answers[0].content == .state(JSONPath("/refunds").unwrapped))
    }

    @Test func `a real server is named by its command`() throws {
        let text = "interlock_eval: 1\nservers: {a: {command: [python3, server.py]}}\n"
        let fixture = try #require(EvalFixture.readWorld(text).fixture)
        guard case .command(let words) = fixture.servers[0].body else {
            Issue.record("not a command")
            return
        }
        #expect(words == ["python3", "server.py"])
    }

    @Test func `an unknown key names its place and the nearest key`() {
        let found = EvalFixture.readWorld(
            "interlock_eval: 1\nservers: {a: {tols: {}}}\n"
        ).findings.map(\.text)
        #expect(found.contains { $0.hasSuffix("did you mean `tools`?") }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("fixtures/orders.yaml:2:") })
    }

    /// The servers of a fixture that is refused.
    private static let bad = [
        "{}", "[]", "{A: {tools: {}}}", "{a: {}}", "{a: {tools: {b: []}}}",
        "{a: {tools: {b: {}}}}", "{a: {tools: {b: {answer: {}}}}}",
        "{a: {tools: {b: {answer: {text: x, error: y}}}}}",
        "{a: {tools: {b: {answer: {structured: [1]}}}}}",
        "{a: {tools: {b: {answer: {content: [x]}}}}}",
        "{a: {tools: {b: {answer: {content: [{text: x}]}}}}}",
        "{a: {tools: {b: {answer: {state: x}}}}}",
        "{a: {tools: {b: {answer: {text: x}, match: {x: 1}}}}}",
        "{a: {tools: {b: {answer: {text: x}, match: {}}}}}",
        "{a: {tools: {b: {answer: {text: x}, match: [1]}}}}",
        "{a: {tools: {b: {answer: {text: x}, patch: [{op: add, path: /x}]}}}}",
        "{a: {tools: {b: {answer: {text: x}, patch: [{op: remove, path: /x, value: 1}]}}}}",
        "{a: {tools: {b: {answer: {text: x}, patch: [{op: move, path: /x}]}}}}",
        "{a: {tools: {b: {answer: {text: x}, patch: [{op: copy, path: /x, from: y}]}}}}",
        "{a: {tools: {b: {answer: {text: x}, patch: [{op: merge, path: /x, value: 1}]}}}}",
        "{a: {tools: {b: {answer: {text: x}, patch: [{op: add, path: x, value: 1}]}}}}",
        "{a: {tools: {\"resource:b\": {answer: {text: x}}}}}",
        "{a: {command: []}}", "{a: {command: [\"\"]}}", "{a: {command: [x], state: {}}}",
        "{a: {command: [x], tools: {}}}", "{a: {command: [x], instructions: y}}",
        "{a: {instructions: y, tools: {b: {answer: {text: x}}}}}",
    ]

    @Test(arguments: bad)
    func `what a fixture cannot have is refused`(_ servers: String) {
        let reading = EvalFixture.readWorld("interlock_eval: 1\nservers: \(servers)\n")
        #expect(reading.fixture == nil && !reading.findings.isEmpty)
    }

    @Test func `each required key is named, and an empty file is no fixture`() {
        #expect(EvalFixture.readWorld("").fixture == nil)
        #expect(EvalFixture.readWorld("interlock_eval: 1\n").findings.count == 1)
        #expect(EvalFixture.readWorld("interlock_eval: 2\nservers: {}\n").fixture == nil)
    }

    @Test func `more than 32 servers, 100 operations or 32 tokens are refused`() {
        func servers(_ count: Int) -> String {
            let list = (0..<count).map { "s\($0): {command: [x]}" }.joined(separator: ", ")
            return "interlock_eval: 1\nservers: {\(list)}\n"
        }
        #expect(EvalFixture.readWorld(servers(32)).fixture != nil)
        #expect(EvalFixture.readWorld(servers(33)).fixture == nil)
        func patch(_ count: Int, _ path: String) -> String {
            let list = (0..<count).map { _ in "{op: remove, path: \(path)}" }
                .joined(separator: ", ")
            return "interlock_eval: 1\nservers: {a: {tools: {b: {answer: {text: x}, "
                + "patch: [\(list)]}}}}\n"
        }
        #expect(EvalFixture.readWorld(patch(100, "/x")).fixture != nil)
        #expect(EvalFixture.readWorld(patch(101, "/x")).fixture == nil)
        #expect(
            EvalFixture.readWorld(patch(1, String(repeating: "/x", count: 32))).fixture != nil)
        #expect(
            EvalFixture.readWorld(patch(1, String(repeating: "/x", count: 33))).fixture == nil)
    }
}
