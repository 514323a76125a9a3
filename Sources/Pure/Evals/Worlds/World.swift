package import InterlockJSON
package import InterlockModel

/// The fake servers during one trial (docs/specs/evals.md, section 2). It is a value: each trial begins with its own.
///
/// INVARIANT: a call that no answer fits changes nothing, and is a gap of the fixture. Kept by `WorldTests`.
package struct World: Sendable {
    package let fixture: WorldFixture
    /// The states of the scripted servers, by the names of the servers.
    package private(set) var state: JSONObject
    /// The calls that reached a server, 0 to `EvalLimits.calls`.
    package private(set) var calls = 0
    /// The calls for which the fixture has no answer: the suite is invalid if there is one.
    package private(set) var gaps: [FixtureGap] = []

    package init(_ fixture: WorldFixture) {
        self.fixture = fixture
        var state = JSONObject()
        for server in fixture.servers {
            if case .scripted(let scripted) = server.body {
                state[server.name.text] = scripted.state
            }
        }
        self.state = state
    }

    /// Counts a call, also one to a real server of the world.
    ///
    /// - Returns: false if the trial has had as many calls as it may have; the call must then be refused.
    package mutating func admit() -> Bool {
        guard calls < EvalLimits.calls else { return false }
        calls += 1
        return true
    }

    /// Answers a call of a scripted server, and changes the state as the answer says.
    package mutating func call(_ tool: ToolAddress, _ arguments: JSONObject) -> WorldAnswer {
        guard admit() else {
            return WorldAnswer(error: "the trial has more than \(EvalLimits.calls) calls")
        }
        guard let server = fixture.server(tool.server) else { return gap(tool, .noServer) }
        guard case .scripted(let scripted) = server.body else { return gap(tool, .realServer) }
        guard let known = scripted.tool(tool.tool) else { return gap(tool, .noTool) }
        let before = state[tool.server.text] ?? .null
        guard let answer = known.answers.first(where: { $0.fits(arguments, before) }) else {
            return gap(tool, .noAnswer)
        }
        let after: JSONValue
        do throws(JSONPatch.Fault) {
            after = try answer.patch.applied(to: before)
        } catch {
            return gap(tool, .patch(error))
        }
        guard let made = WorldAnswer(answer.content, after) else { return gap(tool, .noValue) }
        state[tool.server.text] = after
        return made
    }

    private mutating func gap(_ tool: ToolAddress, _ reason: FixtureGap.Reason) -> WorldAnswer {
        let gap = FixtureGap(tool: tool, reason: reason)
        gaps.append(gap)
        return WorldAnswer(error: "fixture gap: " + gap.text)
    }
}

/// A call that a world could not answer.
package struct FixtureGap: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case noServer, noTool, noAnswer
        /// The server is a real one, which the caller asks itself.
        case realServer
        case patch(JSONPatch.Fault)
        /// The state has no value at the pointer of the answer.
        case noValue
    }

    package let tool: ToolAddress
    package let reason: Reason

    /// One line: the tool, and what the fixture lacks.
    package var text: String {
        switch reason {
        case .noServer: "`\(tool)`: the fixture has no server `\(tool.server)`"
        case .noTool: "`\(tool)`: the fixture has no such tool"
        case .noAnswer: "`\(tool)`: no answer fits the arguments and the state"
        case .realServer: "`\(tool)`: the server is not scripted"
        case .patch(.notThere(let number)):
            "`\(tool)`: operation \(number) of the patch is about a place that is not there"
        case .patch(.testFailed(let number)):
            "`\(tool)`: the test that is operation \(number) of the patch fails"
        case .patch(.tooLarge(let number)):
            "`\(tool)`: the state is too large after operation \(number) of the patch"
        case .noValue: "`\(tool)`: the state has no value at the pointer of the answer"
        }
    }
}

/// The answer of a fake server, as the result of `tools/call` has it.
package struct WorldAnswer: Sendable, Hashable {
    /// Content blocks.
    package let content: [JSONValue]
    package let structured: JSONObject?
    package let isError: Bool

    init(error text: String) {
        content = [Self.block(text)]
        structured = nil
        isError = true
    }

    /// - Returns: nil if the state has no value at the pointer that the answer names.
    init?(_ answer: ScriptedAnswer.Content, _ state: JSONValue) {
        switch answer {
        case .error(let text): self.init(error: text)
        case .text(let text): self.init([Self.block(text)], nil)
        case .blocks(let blocks): self.init(blocks, nil)
        case .structured(let object): self.init(json: .object(object))
        case .state(let path):
            guard case .value(let value) = state.target(of: path) else { return nil }
            self.init(json: value)
        }
    }

    private init(_ content: [JSONValue], _ structured: JSONObject?) {
        self.content = content
        self.structured = structured
        isError = false
    }

    /// An object is structured content, together with its text for clients that read only text.
    private init(json value: JSONValue) {
        let text = String(decoding: value.serialized(), as: UTF8.self)
        self.init([Self.block(text)], value.object)
    }

    private static func block(_ text: String) -> JSONValue {
        ["type": "text", "text": .string(text)]
    }

    /// The members of the result.
    package var result: JSONObject {
        var members: JSONObject = ["content": .array(content), "isError": .bool(isError)]
        if let structured { members["structuredContent"] = .object(structured) }
        return members
    }
}
