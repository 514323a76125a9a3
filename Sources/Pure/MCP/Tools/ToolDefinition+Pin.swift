package import InterlockJSON
package import InterlockModel

extension ToolDefinition {
    /// Returns the SHA-256 of the RFC 8785 form of the pinned members (docs/specs/mcp.md, section 11). The order of
    /// keys does not affect it; every reviewed text does.
    ///
    /// - Throws: `notCanonical` if the definition contains an integer beyond 2^53-1.
    package func pinDigest(hashing: some Hashing) throws(ToolDefinitionError) -> Digest {
        do {
            return hashing.sha256(try pinned.canonical())
        } catch {
            throw .notCanonical(error)
        }
    }

    /// The members that the pin covers; absent ones are omitted.
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
