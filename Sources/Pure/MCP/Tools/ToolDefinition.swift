package import InterlockJSON
package import InterlockModel

/// A tool as its server describes it. The text must be reviewed and pinned; it is not trusted.
package struct ToolDefinition: Sendable, Equatable {
    package let name: ToolName
    package let title: String?
    package let description: String?
    package let inputSchema: JSONObject
    package let outputSchema: JSONObject?
    package let annotations: JSONObject?
    package let execution: JSONObject?
    /// The header parameters, each with a name and the pointer of the property that it repeats; empty if the tool
    /// declares none.
    package let headers: [HeaderParameter]
    /// All members as they were received.
    package let raw: JSONObject

    package static let maximumTextBytes = 64 << 10

    /// - Throws: the reason why the tool is not offered.
    package init(_ value: JSONValue) throws(ToolDefinitionError) {
        guard let raw = value.object else { throw .member("definition", "an object") }
        self.raw = raw
        guard case .string(let name)? = raw["name"], let name = ToolName(name) else {
            throw .member("name", "1 to 128 characters of letters, digits, `_`, `.` and `-`")
        }
        self.name = name
        title = try Self.text(raw, "title")
        description = try Self.text(raw, "description")
        guard let inputSchema = try Self.object(raw, "inputSchema") else {
            throw .member("inputSchema", "an object")
        }
        guard inputSchema["type"] == "object" else {
            throw .member("inputSchema", "a schema of type `object`")
        }
        self.inputSchema = inputSchema
        outputSchema = try Self.object(raw, "outputSchema")
        annotations = try Self.object(raw, "annotations")
        execution = try Self.object(raw, "execution")
        headers = try HeaderParameter.all(in: inputSchema)
    }

    private static func text(
        _ raw: JSONObject, _ key: String
    ) throws(ToolDefinitionError) -> String? {
        switch raw[key] {
        case nil: return nil
        case .string(let text)? where text.utf8.count <= maximumTextBytes: return text
        default: throw .member(key, "a string of at most \(maximumTextBytes) bytes")
        }
    }

    private static func object(
        _ raw: JSONObject, _ key: String
    ) throws(ToolDefinitionError) -> JSONObject? {
        switch raw[key] {
        case nil: return nil
        case .object(let object)?: return object
        default: throw .member(key, "an object")
        }
    }
}

/// The reason why a definition is not offered.
package enum ToolDefinitionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A member, and the requirement that it violates.
    case member(String, String)
    /// A fault of an `x-mcp-header`, with the pointer of its property.
    case header(pointer: String, String)
    /// The definition has no RFC 8785 form.
    case notCanonical(JSONError)

    package var description: String {
        switch self {
        case .member(let key, let expected): "`\(key)` must be \(expected)"
        case .header(let pointer, let fault): "x-mcp-header of `\(pointer)`: \(fault)"
        case .notCanonical(let error): "the definition cannot be pinned: \(error)"
        }
    }
}

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
