import InterlockJSON

/// An `x-mcp-header` of the input schema: in the modern era the header `Mcp-Param-<name>` repeats the
/// property's value. An invalid one hides the tool in every era.
package struct HeaderParameter: Sendable, Equatable {
    package let name: String
    /// JSON pointer of property names, for instance `/query/region`.
    package let pointer: String

    static let key = "x-mcp-header"
    static let maximumDepth = 16

    static func all(in schema: JSONObject) throws(ToolDefinitionError) -> [HeaderParameter] {
        var found: [HeaderParameter] = []
        var names: Set<String> = []
        try collect(schema, pointer: "", depth: 0, &found, &names)
        return found
    }

    private static func collect(
        _ schema: JSONObject, pointer: String, depth: Int,
        _ found: inout [HeaderParameter], _ names: inout Set<String>
    ) throws(ToolDefinitionError) {
        guard depth < maximumDepth, case .object(let properties)? = schema["properties"] else {
            return
        }
        for (key, value) in properties.members {
            guard case .object(let property) = value else { continue }
            let place = pointer + "/" + JSONPointer.escaped(key)
            if let header = property[Self.key] {
                guard case .string(let name) = header, isToken(name) else {
                    throw .header(pointer: place, "the name must be an HTTP token")
                }
                guard names.insert(name.lowercased()).inserted else {
                    throw .header(pointer: place, "`\(name)` is named twice")
                }
                guard ["string", "integer", "number", "boolean"].contains(property["type"]) else {
                    throw .header(pointer: place, "the property must have a primitive type")
                }
                found.append(HeaderParameter(name: name, pointer: place))
            }
            try collect(property, pointer: place, depth: depth + 1, &found, &names)
        }
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
