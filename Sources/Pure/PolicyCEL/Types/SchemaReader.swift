import InterlockJSON

/// Reads one schema document. Schemas come from servers, so all work is bounded: beyond the bounds a part
/// is dyn, which is less precise and never wrong.
struct SchemaReader {
    /// The maximum nesting of schemas and references.
    static let mostDepth = 32
    /// The maximum number of schemas that are read in all; a document whose parts refer to each other can
    /// name many more.
    static let mostSchemas = 4_096

    let document: JSONObject
    /// The references that are being followed. A repeated one is a cycle.
    private var following: [String] = []
    private var left = SchemaReader.mostSchemas
    /// True if keywords next to a `$ref` do not count, as up to draft 7.
    private let refStandsAlone: Bool

    init(_ document: JSONObject) {
        self.document = document
        refStandsAlone = document["$schema"]?.string?.contains("/draft-0") == true
    }

    mutating func read(_ schema: JSONValue, depth: Int) throws(CELProblem) -> SchemaShape {
        left -= 1
        if depth > Self.mostDepth || left < 0 { return .unknown }
        if case .bool = schema { return .unknown }
        guard case .object(let schema) = schema else {
            throw wrong("a schema is neither an object nor a bool")
        }
        // A nested schema with an `$id` has references of its own.
        if depth > 0, schema["$id"] != nil { return .unknown }
        if refStandsAlone, let reference = schema["$ref"] { return try follow(reference, depth) }
        var shape = try own(schema, depth)
        if let reference = schema["$ref"] {
            shape = shape.and(try follow(reference, depth))
        }
        if let parts = try array("allOf", in: schema) {
            for part in parts { shape = shape.and(try read(part, depth: depth + 1)) }
        }
        for keyword in ["anyOf", "oneOf"] {
            guard let parts = try array(keyword, in: schema) else { continue }
            var choices: [SchemaShape] = []
            for part in parts { choices.append(try read(part, depth: depth + 1)) }
            shape = shape.and(.any(of: choices))
        }
        return shape
    }

    private mutating func follow(
        _ reference: JSONValue, _ depth: Int
    ) throws(CELProblem) -> SchemaShape {
        guard let text = reference.string else { throw wrong("`$ref` is not a string") }
        guard text.hasPrefix("#"), let path = JSONPointer.tokens(text.dropFirst()) else {
            throw wrong("`$ref` leads outside of the schema: `\(text)`")
        }
        if following.contains(text) { return .unknown }
        guard let target = value(at: path) else { throw wrong("`$ref` leads nowhere: `\(text)`") }
        if target.isInNamedSchema { return .unknown }
        following.append(text)
        defer { following.removeLast() }
        return try read(target.value, depth: depth + 1)
    }

    private func value(at path: [String]) -> (value: JSONValue, isInNamedSchema: Bool)? {
        var value = JSONValue.object(document)
        var isInNamedSchema = false
        for token in path {
            switch value {
            case .object(let object):
                guard let next = object[token] else { return nil }
                value = next
            case .array(let items):
                guard let index = Int(token), items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
            if value["$id"] != nil { isInNamedSchema = true }
        }
        return (value, isInNamedSchema)
    }

    /// The shape that `type` and the keywords next to it state.
    private mutating func own(
        _ schema: JSONObject, _ depth: Int
    ) throws(CELProblem) -> SchemaShape {
        var shape = SchemaShape.unknown
        switch schema["type"] {
        case .string(let name)?: shape = try kind(name, schema, depth)
        case .array(let names)? where !names.isEmpty:
            var kinds: [SchemaShape] = []
            for name in names {
                guard let name = name.string else { throw wrong("`type` names no type") }
                kinds.append(try kind(name, schema, depth))
            }
            shape = .any(of: kinds)
        case nil:
            // Parts of `allOf` often omit what the other parts state.
            if schema["properties"] != nil {
                let object = try object(schema, depth)
                shape = SchemaShape(object.type, object.extent, isConditional: true)
            }
        default: throw wrong("`type` names no type")
        }
        let values = try array("enum", in: schema) ?? schema["const"].map { [$0] }
        guard let values else { return shape }
        return shape.and(.any(of: values.map(SchemaShape.init(constant:))))
    }

    private mutating func kind(
        _ name: String, _ schema: JSONObject, _ depth: Int
    ) throws(CELProblem) -> SchemaShape {
        switch name {
        case "integer": return SchemaShape(.int, .fixed)
        case "number": return SchemaShape(.number, .fixed)
        case "boolean": return SchemaShape(.bool, .fixed)
        case "null": return SchemaShape(.null, .fixed)
        case "string":
            // A code point takes up to four bytes.
            let bytes = limit("maxLength", in: schema).map { $0 * 4 }
            return SchemaShape(.string, .text(bytes: bytes))
        case "array": return try list(schema, depth)
        case "object": return try object(schema, depth)
        default: throw wrong("`type` names no type: `\(name)`")
        }
    }

    private mutating func list(
        _ schema: JSONObject, _ depth: Int
    ) throws(CELProblem) -> SchemaShape {
        var element = SchemaShape.unknown
        // Tuples, by either keyword, have elements of several types, so their elements are unknown.
        if let items = schema["items"], items.array == nil, schema["prefixItems"] == nil {
            element = try read(items, depth: depth + 1).settled
        }
        let items = limit("maxItems", in: schema)
        return SchemaShape(.list(element.type), .list(items: items, element.extent))
    }

    private mutating func object(
        _ schema: JSONObject, _ depth: Int
    ) throws(CELProblem) -> SchemaShape {
        let items = limit("maxProperties", in: schema)
        var others = SchemaShape.unknown
        if let additional = schema["additionalProperties"], schema["patternProperties"] == nil {
            others = try read(additional, depth: depth + 1).settled
        }
        let isOpen = schema["additionalProperties"] != false || schema["patternProperties"] != nil
        guard let properties = schema["properties"] else {
            let type = isOpen ? CELType.map(.string, others.type) : .object(.empty)
            return SchemaShape(
                type, .map(items: isOpen ? items : 0, fields: [:], others: others.extent))
        }
        guard case .object(let properties) = properties else {
            throw wrong("`properties` is not an object")
        }
        let required = try required(in: schema)
        var fields: [CELObjectType.Field] = []
        var extents: [String: CELExtent] = [:]
        for (name, property) in properties.members {
            let shape = try read(property, depth: depth + 1).settled
            let isRequired = required.contains(ExactText(name))
            fields.append(.init(name: name, type: shape.type, isRequired: isRequired))
            extents[name] = extents[name].map { $0.joined(with: shape.extent) } ?? shape.extent
        }
        let most = isOpen ? items : min(items ?? fields.count, fields.count)
        return SchemaShape(
            .object(CELObjectType(fields: fields, isOpen: isOpen)),
            .map(items: most, fields: extents, others: isOpen ? others.extent : .fixed))
    }

    private func required(in schema: JSONObject) throws(CELProblem) -> Set<ExactText> {
        var names: Set<ExactText> = []
        for name in try array("required", in: schema) ?? [] {
            guard let name = name.string else { throw wrong("`required` names no field") }
            names.insert(ExactText(name))
        }
        return names
    }

    /// The value of a limit, or nil if it is missing or not a sensible number and therefore limits nothing.
    private func limit(_ keyword: String, in schema: JSONObject) -> Int? {
        guard let number = schema[keyword]?.integer, (0...Int64(1) << 32).contains(number) else {
            return nil
        }
        return Int(number)
    }

    private func array(
        _ keyword: String, in schema: JSONObject
    ) throws(CELProblem) -> [JSONValue]? {
        guard let value = schema[keyword] else { return nil }
        guard let items = value.array else { throw wrong("`\(keyword)` is not a list") }
        return items
    }

    private func wrong(_ message: String) -> CELProblem { CELProblem(.schema, at: 0, message) }
}

extension CELObjectType { fileprivate static let empty = CELObjectType(fields: [], isOpen: false) }
