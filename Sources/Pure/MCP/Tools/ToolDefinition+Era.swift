package import InterlockJSON

extension ToolDefinition {
    /// Returns the definition for a client of this version. Only reviewed members are included: icons, `_meta` and
    /// additions of the server are omitted.
    ///
    /// - Parameter name: the name at the endpoint, `server__tool` at `/mcp`.
    package func shown(as name: String, in version: ProtocolVersion) -> JSONObject {
        var object: JSONObject = ["name": .string(name)]
        if version.hasTitlesAndStructuredContent {
            object["title"] = title.map(JSONValue.string)
        }
        object["description"] = description.map(JSONValue.string)
        object["inputSchema"] = .object(inputSchema)
        if version.hasTitlesAndStructuredContent, let outputSchema,
            version.hasAnyStructuredContent || outputSchema["type"] == "object"
        {
            object["outputSchema"] = .object(outputSchema)
        }
        if version.hasAnnotationsAndAudio {
            object["annotations"] = annotations.map(JSONValue.object)
        }
        if version.hasExecution {
            object["execution"] = execution.map(JSONValue.object)
        }
        return object
    }
}
