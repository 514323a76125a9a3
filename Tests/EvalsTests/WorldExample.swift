import InterlockJSON
import InterlockModel
import InterlockTesting

@testable import InterlockEvals

/// A world of one server `shop` with one tool `buy`.
enum WorldExample {
    static let tool = ToolAddress(ofCase: "shop.buy").unwrapped

    static func fixture(state: JSONValue, patch: JSONPatch) -> WorldFixture {
        let answer = ScriptedAnswer(
            match: [], state: [], content: .text("done"), patch: patch)
        let buy = ScriptedTool(name: tool.tool, answers: [answer])
        let server = ScriptedServer(state: state, tools: [buy])
        return WorldFixture(
            servers: [FakeServer(name: tool.server, body: .scripted(server))])
    }
}
