import InterlockJSON

/// The reason why a schema cannot be used; the tool is then not offered. `pointer` is the position in the schema.
package enum SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The `$schema` is neither draft-07 nor 2020-12.
    case dialect(String)
    case tooLarge(bytes: Int)
    case tooDeep
    case tooManySubschemas
    /// A keyword violates the form that its dialect requires.
    case keyword(pointer: String, expected: String)
    /// A reference leaves the document; nothing is fetched.
    case remoteReference(pointer: String, String)
    /// A reference has no target, or two positions have the same name.
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

/// The limits on the cost of a schema (docs/specs/mcp.md, section 9).
package enum SchemaLimits {
    package static let bytes = 256 << 10
    /// The nesting depth of arrays and objects in the text of the schema.
    package static let depth = 64
    package static let subschemas = 2_048
    /// The number of steps of one validation: one per applied subschema and per processed member, element or piece of
    /// text.
    package static let steps = 50_000
    /// The nesting depth of applied subschemas: a schema that refers to itself must terminate.
    package static let nesting = 512
    /// The number of subschemas that the search for extra members collects for one value.
    package static let appliedToOneValue = 512
}

/// The supported dialects.
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
