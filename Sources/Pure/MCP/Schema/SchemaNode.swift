import InterlockJSON
import InterlockModel

/// A compiled subschema; each `Int` is an index in the list of nodes.
struct SchemaNode: Sendable {
    /// The value of a boolean schema, or nil if the schema is an object.
    var boolean: Bool?
    /// The keywords in order of evaluation: those that depend on the results of others come last.
    var keywords: [SchemaKeyword] = []
    /// The resource that contains the subschema; the dynamic scope is a path of resources.
    var resource = 0
    var traits: SchemaTraits = []
}

/// The properties of a node's keywords that hold for every value.
struct SchemaTraits: OptionSet, Sendable {
    let rawValue: UInt8
    /// A keyword applies other nodes to the same value.
    static let appliesOthers = SchemaTraits(rawValue: 1)
    /// A keyword is about objects, `type: object` included.
    static let describesObjects = SchemaTraits(rawValue: 2)
    /// `enum` or `const` list every value as a whole.
    static let listsValues = SchemaTraits(rawValue: 4)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(of keywords: [SchemaKeyword]) {
        var traits: SchemaTraits = []
        for keyword in keywords {
            switch keyword {
            case .type(let types):
                if types.contains(.object) { traits.insert(.describesObjects) }
            case .enumeration, .const: traits.insert(.listsValues)
            case .allOf, .anyOf, .oneOf, .conditional, .reference, .dynamicReference:
                traits.insert(.appliesOthers)
            case .dependentSchemas: traits.formUnion([.appliesOthers, .describesObjects])
            case .size, .required, .dependentRequired, .propertyNames, .properties,
                .unevaluatedProperties:
                traits.insert(.describesObjects)
            case .not, .multipleOf, .maximum, .minimum, .length, .pattern, .count, .uniqueItems,
                .items, .contains, .unevaluatedItems:
                break
            }
        }
        self = traits
    }
}

enum SchemaKeyword: Sendable {
    // Keywords for any value.
    case type(SchemaTypes)
    case enumeration([JSONValue])
    case const(JSONValue)
    case allOf([Int])
    case anyOf([Int])
    case oneOf([Int])
    case not(Int)
    case conditional(if: Int, then: Int?, else: Int?)
    case reference(Int)
    /// The anchor is searched for in the resources of the dynamic scope, outermost first.
    case dynamicReference(Int, anchor: [Int: Int])

    // Keywords for numbers.
    case multipleOf(ExactDecimal, text: String)
    case maximum(ExactDecimal, isExclusive: Bool, text: String)
    case minimum(ExactDecimal, isExclusive: Bool, text: String)

    // Keywords for strings, with lengths in code points.
    case length(least: Int, most: Int)
    case pattern(any Pattern, text: String)

    // Keywords for arrays.
    case count(least: Int, most: Int)
    case uniqueItems
    case items(prefix: [Int], rest: Int?)
    case contains(Int, least: Int, most: Int)
    case unevaluatedItems(Int)

    // Keywords for objects.
    case size(least: Int, most: Int)
    case required([String])
    case dependentRequired([(key: String, needs: [String])])
    case dependentSchemas([(key: String, node: Int)])
    case propertyNames(Int)
    case properties(
        named: [ExactText: Int], matching: [(pattern: any Pattern, node: Int)], others: Int?)
    case unevaluatedProperties(Int)
}

/// The `type` keyword as a set.
struct SchemaTypes: OptionSet, Sendable {
    let rawValue: UInt8
    static let null = SchemaTypes(rawValue: 1)
    static let boolean = SchemaTypes(rawValue: 2)
    static let integer = SchemaTypes(rawValue: 4)
    static let number = SchemaTypes(rawValue: 8)
    static let string = SchemaTypes(rawValue: 16)
    static let array = SchemaTypes(rawValue: 32)
    static let object = SchemaTypes(rawValue: 64)

    private static let names: [(String, SchemaTypes)] = [
        ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number),
        ("string", .string), ("array", .array), ("object", .object),
    ]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(name: String) {
        guard let type = Self.names.first(where: { $0.0 == name })?.1 else { return nil }
        self = type
    }

    func allow(_ value: JSONValue) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .integer: contains(.integer) || contains(.number)
        case .number(let number):
            contains(.number) || contains(.integer) && ExactDecimal(number).isInteger
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }

    /// The types in words, such as `string or null`.
    var text: String { Self.names.filter { contains($0.1) }.map(\.0).joined(separator: " or ") }
}
