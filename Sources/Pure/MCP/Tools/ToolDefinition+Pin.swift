package import InterlockJSON
package import InterlockModel

extension ToolDefinition {
    /// SHA-256 over the RFC 8785 form of what is pinned (specs of MCP, section 11). The order of keys
    /// does not count, every reviewed text does.
    ///
    /// - Throws: `notCanonical` for a definition with an integer beyond 2^53-1.
    package func pinDigest(
        hashing: some Hashing
    ) throws(ToolDefinitionError) -> Digest {
        do {
            return hashing.sha256(try pinned.canonical())
        } catch {
            throw .notCanonical(error)
        }
    }

    /// The members under the pin; absent ones are left out.
    package var pinned: JSONObject {
        var object: JSONObject = ["name": .string(name.text)]
        object["title"] = title.map(JSONValue.string)
        object["description"] = description.map(JSONValue.string)
        object["inputSchema"] = .object(inputSchema)
        object["outputSchema"] = outputSchema.map(JSONValue.object)
        object["annotations"] = annotations.map(JSONValue.object)
        object["execution"] = execution.map(JSONValue.object)
        if !headers.isEmpty {
            var names = JSONObject()
            for header in headers { names[header.name] = .string(header.pointer) }
            object["xMcpHeaders"] = .object(names)
        }
        return object
    }
}
