package import InterlockJSON
package import InterlockModel

extension ToolResult {
    /// The result as a client of this version reads it (specs of MCP, section 5.2): what the version
    /// does not know is dropped, and so is what only the gateway may say.
    ///
    /// - Parameter server: set at `/mcp`, where URIs carry the server's name; nil keeps them.
    package func shown(in version: ProtocolVersion, routedBy server: ServerName?) -> JSONObject {
        var object: JSONObject = [
            "content": .array(
                content.compactMap { Self.shown($0, in: version, routedBy: server) }
                    .map(JSONValue.object))
        ]
        if version.hasTitlesAndStructuredContent, let structuredContent,
            version.hasAnyStructuredContent || structuredContent.object != nil
        {
            object["structuredContent"] = structuredContent
        }
        if isError { object["isError"] = true }
        object["_meta"] = meta.flatMap { Self.cleaned(.object($0)) }
        return object
    }

    /// An upstream must not speak as the gateway (`interlock/...`) nor as the protocol's modern era.
    ///
    /// - Returns: nil when nothing is left.
    private static func cleaned(_ meta: JSONValue) -> JSONValue? {
        var object = JSONObject()
        for (key, value) in meta.object?.members ?? []
        where !key.hasPrefix("interlock/") && !key.hasPrefix("io.modelcontextprotocol/") {
            object[key] = value
        }
        return object.isEmpty ? nil : .object(object)
    }

    /// - Returns: nil when the version cannot carry the block.
    private static func shown(
        _ block: JSONObject, in version: ProtocolVersion, routedBy server: ServerName?
    ) -> JSONObject? {
        var block = block
        if !version.hasAnnotationsAndAudio { block["annotations"] = nil }
        block["_meta"] =
            version.hasTitlesAndStructuredContent ? block["_meta"].flatMap(cleaned) : nil
        block["icons"] = nil
        switch block["type"]?.string {
        case "audio": return version.hasAnnotationsAndAudio ? block : nil
        case "resource":
            guard case .object(var resource)? = block["resource"] else { return nil }
            resource["uri"] = resource["uri"].map { routed($0, by: server) }
            resource["_meta"] = resource["_meta"].flatMap(cleaned)
            block["resource"] = .object(resource)
            return block
        case "resource_link":
            let uri = block["uri"].map { routed($0, by: server) }
            block["uri"] = uri
            if version.hasTitlesAndStructuredContent { return block }
            let name = block["name"]?.string ?? ""
            return ["type": "text", "text": .string("\(name): \(uri?.string ?? "")")]
        default: return block
        }
    }

    private static func routed(_ uri: JSONValue, by server: ServerName?) -> JSONValue {
        guard let server, let uri = uri.string else { return uri }
        return .string("interlock:\(server.text):\(uri)")
    }
}
