import InterlockJSON
import InterlockModel

/// One content block of a tool result or of a prompt message.
enum ContentBlock {
    static func checked(_ block: JSONValue) throws(ToolResultError) -> JSONObject {
        guard let object = block.object, case .string(let type)? = object["type"] else {
            throw ToolResultError("a block of content must be an object with a type")
        }
        let isWhole =
            switch type {
            case "text": object["text"]?.string != nil
            case "image", "audio":
                object["data"]?.string != nil && object["mimeType"]?.string != nil
            case "resource": object["resource"]?["uri"]?.string != nil
            case "resource_link":
                object["uri"]?.string != nil && object["name"]?.string != nil
            default: false
            }
        guard isWhole else {
            throw ToolResultError("a block of type `\(shortened(type))` is unknown or incomplete")
        }
        return object
    }

    /// - Parameter server: the server's name at `/mcp`, where URIs contain it, or nil to keep URIs unchanged.
    /// - Returns: nil if the version cannot carry the block.
    static func shown(
        _ block: JSONObject, in version: ProtocolVersion, routedBy server: ServerName?
    ) -> JSONObject? {
        var block = block
        if !version.hasAnnotationsAndAudio { block["annotations"] = nil }
        block["_meta"] =
            version.hasTitlesAndStructuredContent
            ? block["_meta"].flatMap(UpstreamMeta.cleaned) : nil
        block["icons"] = nil
        switch block["type"]?.string {
        case "audio": return version.hasAnnotationsAndAudio ? block : nil
        case "resource":
            guard case .object(let resource)? = block["resource"] else { return nil }
            block["resource"] = .object(contents(resource, routedBy: server))
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

    /// Returns the contents of a resource, embedded or read, for the client.
    static func contents(_ resource: JSONObject, routedBy server: ServerName?) -> JSONObject {
        var resource = resource
        resource["uri"] = resource["uri"].map { routed($0, by: server) }
        resource["_meta"] = resource["_meta"].flatMap(UpstreamMeta.cleaned)
        return resource
    }

    private static func routed(_ uri: JSONValue, by server: ServerName?) -> JSONValue {
        guard let server, let uri = uri.string else { return uri }
        return .string(RoutedURI(server: server, original: uri).text)
    }
}

/// The filter for an upstream server's `_meta`.
enum UpstreamMeta {
    /// Removes the keys in which an upstream server would speak as the gateway (`interlock/...`) or as the modern era
    /// of the protocol.
    ///
    /// - Returns: nil if no key is left.
    static func cleaned(_ meta: JSONValue) -> JSONValue? {
        var object = JSONObject()
        for (key, value) in meta.object?.members ?? []
        where !key.hasPrefix("interlock/") && !key.hasPrefix("io.modelcontextprotocol/") {
            object[key] = value
        }
        return object.isEmpty ? nil : .object(object)
    }
}
