package import InterlockJSON
package import InterlockModel

/// The fake servers of an agent case: a file below `fixtures/` (docs/specs/evals.md, section 2). It is read by
/// `WorldReading`, and `World` is one trial in it.
package struct WorldFixture: Sendable {
    /// The servers, by name.
    package let servers: [FakeServer]

    package func server(_ name: ServerName) -> FakeServer? {
        servers.first { $0.name == name }
    }

    /// Returns true if the world has the tool, or has the server as a real one, whose tools a file does not show.
    package func has(_ tool: ToolAddress) -> Bool {
        switch server(tool.server)?.body {
        case .scripted(let server)?: server.tool(tool.tool) != nil
        case .command?: true
        case nil: false
        }
    }
}

/// A server of a fake world, by the name that it has in the policy.
package struct FakeServer: Sendable {
    package enum Body: Sendable {
        case scripted(ScriptedServer)
        /// The words of the command of a real MCP server over standard input and output, at least one.
        case command([String])
    }

    package let name: ServerName
    package let body: Body
}

/// A server whose answers are written in the fixture.
package struct ScriptedServer: Sendable {
    /// The state at the start of each trial; an empty object if the fixture states none.
    package let state: JSONValue
    /// The tools, in the order of the file.
    package let tools: [ScriptedTool]

    package func tool(_ name: ToolName) -> ScriptedTool? { tools.first { $0.name == name } }
}

package struct ScriptedTool: Sendable {
    package let name: ToolName
    /// The answers, at least one: a call gets the first one that fits.
    package let answers: [ScriptedAnswer]
}

/// An answer of a scripted tool, and what the call changes.
package struct ScriptedAnswer: Sendable {
    package enum Content: Sendable, Hashable {
        case text(String)
        /// Content blocks of MCP, each an object with `type`.
        case blocks([JSONValue])
        case structured(JSONObject)
        /// The value at a pointer into the state of the server after the patch.
        case state(JSONPath)
        /// A result with `isError`.
        case error(String)
    }

    /// Arguments that the call must have.
    package let match: [PointedValue]
    /// Values that the state of the server must have before the call.
    package let state: [PointedValue]
    package let content: Content
    package let patch: JSONPatch

    /// Returns true if the arguments and the state have all values.
    func fits(_ arguments: JSONObject, _ state: JSONValue) -> Bool {
        match.allSatisfy { $0.holds(in: .object(arguments)) }
            && self.state.allSatisfy { $0.holds(in: state) }
    }
}

/// A value at a pointer into a document.
package struct PointedValue: Sendable, Hashable {
    package let path: JSONPath
    package let value: JSONValue

    func holds(in document: JSONValue) -> Bool {
        guard case .value(let found) = document.target(of: path) else { return false }
        return found.hasSameValue(as: value)
    }
}
