package import InterlockJSON
package import InterlockMCP
package import InterlockModel

/// What a live server lists, sorted into what can be compared with a pin and what is never offered.
package struct ToolSighting: Sendable {
    /// Sound definitions; each name once.
    package let definitions: [ToolDefinition]
    package let refused: [RefusedTool]

    package struct RefusedTool: Sendable {
        /// As the server writes it, cut; or its place in the list.
        package let name: String
        /// nil when the name is none of a tool.
        package let tool: ToolName?
        package let reason: String
        let definition: JSONValue
    }

    /// What is listed beyond is not offered (the policy's own limit).
    package static let mostTools = 2000
    private static let shownName = 128

    package init(_ tools: [JSONValue]) {
        var sound: [ToolDefinition] = []
        var refused: [RefusedTool] = []
        var counts: [ExactText: Int] = [:]
        for (place, value) in tools.prefix(Self.mostTools).enumerated() {
            let name = value["name"]?.string
            if let name { counts[name, default: 0] += 1 }
            do throws(ToolDefinitionError) { sound.append(try ToolDefinition(value)) } catch {
                refused.append(
                    RefusedTool(
                        name: name.map { String($0.prefix(Self.shownName)) }
                            ?? "definition \(place + 1)",
                        tool: name.flatMap { ToolName($0) }, reason: "\(error)", definition: value))
            }
        }
        // Which of several answers a call is the server's choice, so none is offered.
        var definitions: [ToolDefinition] = []
        for definition in sound {
            if counts[definition.name.text] == 1 {
                definitions.append(definition)
            } else {
                refused.append(
                    RefusedTool(
                        name: definition.name.text, tool: definition.name,
                        reason: "it is defined more than once",
                        definition: .object(definition.raw)))
            }
        }
        if tools.count > Self.mostTools {
            refused.append(
                RefusedTool(
                    name: "\(tools.count - Self.mostTools) more", tool: nil,
                    reason: "a server may have \(Self.mostTools) tools", definition: .null))
        }
        self.definitions = definitions
        self.refused = refused
    }
}

extension ToolDefinition {
    /// A definition that cannot be pinned is another one all the same where one was reviewed; then it
    /// is told by the hash of its text.
    func sightedDigest(hashing: any Hashing) -> Digest {
        (try? pinDigest(hashing: hashing))
            ?? hashing.sha256(JSONValue.object(raw).serialized())
    }
}
