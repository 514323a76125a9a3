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
