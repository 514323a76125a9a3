import InterlockJSON
import InterlockModel

/// One block of content in a result of a tool or in a message of a prompt.
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

    /// - Parameter server: set at `/mcp`, where URIs carry the server's name; nil keeps them.
    /// - Returns: nil when the version cannot carry the block.
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

    /// What a resource holds, embedded or read.
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

/// `_meta` of an upstream.
enum UpstreamMeta {
    /// An upstream must not speak as the gateway (`interlock/...`) nor as the protocol's modern era.
    ///
    /// - Returns: nil when nothing is left.
    static func cleaned(_ meta: JSONValue) -> JSONValue? {
        var object = JSONObject()
        for (key, value) in meta.object?.members ?? []
        where !key.hasPrefix("interlock/") && !key.hasPrefix("io.modelcontextprotocol/") {
            object[key] = value
        }
        return object.isEmpty ? nil : .object(object)
    }
}
