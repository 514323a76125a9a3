package import InterlockJSON
package import InterlockMCP
package import InterlockModel

/// The tools that a live server lists, divided into those that can be compared with a pin and those that are never
/// offered.
package struct ToolSighting: Sendable {
    /// The valid definitions; each name once.
    package let definitions: [ToolDefinition]
    package let refused: [RefusedTool]

    package struct RefusedTool: Sendable {
        /// The name as the server sent it, shortened; or its position in the list.
        package let name: String
        /// The name as a tool's name, or nil if it is not a valid one.
        package let tool: ToolName?
        package let reason: String
        let definition: JSONValue
    }

    /// The most tools of one server, as in the policy; further ones are not offered.
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
        // The server could answer a call with any of several definitions, so none is offered.
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
    /// The digest for the comparison with a pin; for a definition that cannot be pinned, the hash of its text, which
    /// differs from every pin.
    func sightedDigest(hashing: any Hashing) -> Digest {
        (try? pinDigest(hashing: hashing)) ?? hashing.sha256(JSONValue.object(raw).serialized())
    }
}

/// A tool or prompt of a live server that agents do not see.
package struct HiddenTool: Sendable, Hashable {
    /// The name as the server sent it, shortened; untrusted text.
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
