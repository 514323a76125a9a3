import InterlockJSON

/// An `x-mcp-header` of the input schema: in the modern era the header `Mcp-Param-<name>` repeats the
/// property's value. An invalid one hides the tool in every era: one at a place that is no property which the
/// root reaches through `properties` alone, or of a type whose text could differ (`number`).
package struct HeaderParameter: Sendable, Equatable {
    package let name: String
    /// JSON pointer of property names, for instance `/query/region`.
    package let pointer: String

    private init(name: String, pointer: String) {
        self.name = name
        self.pointer = pointer
    }

    static let key = "x-mcp-header"
    static func all(in schema: JSONObject) throws(ToolDefinitionError) -> [HeaderParameter] {
        var found: [HeaderParameter] = []
        var names: Set<ExactText> = []
        try collect(schema, at: .root, &found, &names)
        return found
    }

    /// Where a schema stands.
    private enum Location {
        case root
        /// Reached from the root through `properties` alone.
        case property(pointer: String)
        /// Beneath any other keyword.
        case elsewhere(pointer: String)

        var pointer: String {
            switch self {
            case .root: ""
            case .property(let pointer), .elsewhere(let pointer): pointer
            }
        }

        func beneath(_ keyword: String, _ key: String? = nil) -> Location {
            let tail = key.map { "/" + JSONPointer.escaped($0) } ?? ""
            if keyword == "properties" {
                switch self {
                case .root, .property: return .property(pointer: pointer + tail)
                case .elsewhere: break
                }
            }
            return .elsewhere(pointer: pointer + "/" + keyword + tail)
        }
    }

    /// What the value of a keyword holds: one schema, a list or a map of schemas, or either of the first two.
    private enum Shape { case one, list, map, oneOrList }

    /// Of JSON Schema 2020-12 and draft-07. Data (`default`, `const`, `enum`, `examples`) is no place for the
    /// keyword, so it is not looked at.
    private static let shapes: [ExactText: Shape] = [
        "properties": .map, "patternProperties": .map, "dependentSchemas": .map,
        "dependencies": .map, "$defs": .map, "definitions": .map, "allOf": .list, "anyOf": .list,
        "oneOf": .list, "prefixItems": .list, "items": .oneOrList, "additionalItems": .one,
        "contains": .one, "unevaluatedItems": .one, "additionalProperties": .one,
        "propertyNames": .one, "unevaluatedProperties": .one, "not": .one, "if": .one,
        "then": .one, "else": .one, "contentSchema": .one,
    ]

    /// As deep as the reader of JSON lets a definition be.
    private static func collect(
        _ schema: JSONObject, at place: Location,
        _ found: inout [HeaderParameter], _ names: inout Set<ExactText>
    ) throws(ToolDefinitionError) {
        if let header = schema[key] {
            let parameter = try Self(header, of: schema, at: place)
            guard names.insert(parameter.name.lowercased()).inserted else {
                throw .header(pointer: place.pointer, "`\(parameter.name)` is named twice")
            }
            found.append(parameter)
        }
        for (keyword, value) in schema.members {
            switch (shapes[keyword], value) {
            case (.one?, .object(let beneath)), (.oneOrList?, .object(let beneath)):
                try collect(beneath, at: place.beneath(keyword), &found, &names)
            case (.list?, .array(let elements)), (.oneOrList?, .array(let elements)):
                for (index, element) in elements.enumerated() {
                    guard let beneath = element.object else { continue }
                    try collect(beneath, at: place.beneath(keyword, "\(index)"), &found, &names)
                }
            case (.map?, .object(let map)):
                for (key, element) in map.members {
                    guard let beneath = element.object else { continue }
                    try collect(beneath, at: place.beneath(keyword, key), &found, &names)
                }
            default: break
            }
        }
    }

    private init(
        _ header: JSONValue, of schema: JSONObject, at place: Location
    ) throws(ToolDefinitionError) {
        guard case .property(let pointer) = place else {
            throw .header(
                pointer: place.pointer, "only a property that `properties` alone lead to has one")
        }
        guard case .string(let name) = header, Self.isToken(name) else {
            throw .header(pointer: pointer, "the name must be an HTTP token")
        }
        guard ["string", "integer", "boolean"].contains(schema["type"]) else {
            throw .header(pointer: pointer, "the property must be a string, integer or boolean")
        }
        self.init(name: name, pointer: pointer)
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
