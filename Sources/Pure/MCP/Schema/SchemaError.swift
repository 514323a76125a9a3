import InterlockJSON

/// Why a schema cannot be used; the tool is not offered then. `pointer` is the place in the schema.
package enum SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A `$schema` other than draft-07 and 2020-12.
    case dialect(String)
    case tooLarge(bytes: Int)
    case tooDeep
    case tooManySubschemas
    /// A keyword does not have the form that its dialect demands.
    case keyword(pointer: String, expected: String)
    /// A reference out of the document: nothing is fetched.
    case remoteReference(pointer: String, String)
    /// A reference to nothing, or two places with one name.
    case reference(pointer: String, String)
    case pattern(pointer: String, reason: String)

    package var description: String {
        switch self {
        case .dialect(let name): "the schema dialect `\(name)` is not supported"
        case .tooLarge(let bytes): "the schema has \(bytes) bytes"
        case .tooDeep: "the schema is nested too deep"
        case .tooManySubschemas: "the schema has too many subschemas"
        case .keyword(let pointer, let expected): "`\(pointer)` must be \(expected)"
        case .remoteReference(let pointer, let text):
            "`\(pointer)` leads out of the schema: `\(shortened(text))`"
        case .reference(let pointer, let text):
            "`\(pointer)` has no one target: `\(shortened(text))`"
        case .pattern(let pointer, let reason): "`\(pointer)` is no usable pattern: \(reason)"
        }
    }
}

/// What a schema may cost (specs of MCP, section 9).
package enum SchemaLimits {
    package static let bytes = 256 << 10
    /// Arrays and objects inside one another in the schema's own text.
    package static let depth = 64
    package static let subschemas = 2_048
    /// One per subschema applied and per member, element or piece of text looked at.
    package static let steps = 50_000
    /// Subschemas applied inside one another: a schema that refers to itself must end.
    package static let nesting = 512
}

/// The dialects that are understood.
enum SchemaDialect: Sendable {
    case draft7
    case draft2020

    init(of schema: JSONValue) throws(SchemaError) {
        switch schema["$schema"] {
        case nil: self = .draft2020
        case .string(let name)?:
            switch name.hasSuffix("#") ? String(name.dropLast()) : name {
            case "http://json-schema.org/draft-07/schema",
                "https://json-schema.org/draft-07/schema":
                self = .draft7
            case "https://json-schema.org/draft/2020-12/schema",
                "http://json-schema.org/draft/2020-12/schema":
                self = .draft2020
            default: throw .dialect(shortened(name))
            }
        default: throw .keyword(pointer: "/$schema", expected: "a URI")
        }
    }
}
