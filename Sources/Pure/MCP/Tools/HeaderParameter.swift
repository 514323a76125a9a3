import InterlockJSON
import InterlockModel

/// An `x-mcp-header` of the input schema: in the modern era, the header `Mcp-Param-<name>` repeats the value of the
/// property. An invalid one hides the tool in every era: one that is not on a property reached from the root through
/// `properties` only, or whose type has ambiguous text (`number`).
package struct HeaderParameter: Sendable, Equatable {
    package let name: String
    /// The JSON pointer of property names, for instance `/query/region`.
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

    /// The position of a schema.
    private enum Location {
        case root
        /// A property that is reached from the root through `properties` only.
        case property(pointer: String)
        /// A position beneath any other keyword.
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

    /// The structure of a keyword's value: one schema, a list or a map of schemas, or one schema or a list.
    private enum Shape { case one, list, map, oneOrList }

    /// The keywords of JSON Schema 2020-12 and draft-07 that contain schemas. Data keywords (`default`, `const`,
    /// `enum`, `examples`) are not searched, because the header keyword has no meaning there.
    private static let shapes: [ExactText: Shape] = [
        "properties": .map, "patternProperties": .map, "dependentSchemas": .map,
        "dependencies": .map, "$defs": .map, "definitions": .map, "allOf": .list, "anyOf": .list,
        "oneOf": .list, "prefixItems": .list, "items": .oneOrList, "additionalItems": .one,
        "contains": .one, "unevaluatedItems": .one, "additionalProperties": .one,
        "propertyNames": .one, "unevaluatedProperties": .one, "not": .one, "if": .one,
        "then": .one, "else": .one, "contentSchema": .one,
    ]

    /// Collects the headers recursively; the JSON parser bounds the depth.
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

    /// Returns true if the text is a token of RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy {
                isLetter($0) || isDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }
}
