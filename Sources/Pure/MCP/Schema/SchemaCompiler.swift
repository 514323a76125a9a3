import InterlockJSON
import InterlockModel

/// Compiles a schema into nodes, each position once. References are followed when they are reached, so a definition
/// that is never referenced is not compiled.
struct SchemaCompiler {
    let index: SchemaIndex
    let patterns: any PatternCompiler
    private(set) var nodes: [SchemaNode] = []
    private var nodeByPointer: [ExactText: Int] = [:]
    /// True if a keyword depends on what other keywords have evaluated.
    private(set) var usesUnevaluated = false

    init(_ document: JSONValue, patterns: any PatternCompiler) throws(SchemaError) {
        let bytes = document.serialized().count
        guard bytes <= SchemaLimits.bytes else { throw .tooLarge(bytes: bytes) }
        guard !Self.isDeeper(document, than: SchemaLimits.depth) else { throw .tooDeep }
        index = try SchemaIndex(document, try SchemaDialect(of: document))
        self.patterns = patterns
    }

    private static func isDeeper(_ value: JSONValue, than depth: Int) -> Bool {
        switch value {
        case .array(let elements):
            depth == 0 || elements.contains { isDeeper($0, than: depth - 1) }
        case .object(let object):
            depth == 0 || object.members.contains { isDeeper($0.value, than: depth - 1) }
        case .null, .bool, .integer, .number, .string: false
        }
    }

    /// - Returns: the node of the position. Its keywords may still be incomplete if the schema refers to itself.
    mutating func node(at pointer: String) throws(SchemaError) -> Int {
        if let known = nodeByPointer[pointer] { return known }
        guard nodes.count < SchemaLimits.subschemas else { throw .tooManySubschemas }
        let place = nodes.count
        nodeByPointer[pointer] = place
        nodes.append(SchemaNode(resource: index.resource(at: pointer)))
        switch index.value(at: pointer) {
        case .bool(let value)?: nodes[place].boolean = value
        case .object(let schema)?:
            let keywords = try keywords(of: schema, at: pointer)
            nodes[place].keywords = keywords
            nodes[place].traits = SchemaTraits(of: keywords)
        default: throw .keyword(pointer: pointer, expected: "a schema")
        }
        return place
    }

    private mutating func keywords(
        of schema: JSONObject, at pointer: String
    ) throws(SchemaError) -> [SchemaKeyword] {
        var reader = KeywordReader(schema: schema, pointer: pointer)
        let resource = index.resource(at: pointer)
        var keywords: [SchemaKeyword] = []
        if let reference = try reader.text("$ref") {
            let place = pointer + "/$ref"
            let target = try index.target(of: reference, from: resource, at: place)
            keywords.append(.reference(try referenced(target.pointer, reference, at: place)))
            // Keywords next to `$ref` are ignored in draft-07.
            if index.dialect == .draft7 { return keywords }
        }
        if index.dialect == .draft2020, let reference = try reader.text("$dynamicRef") {
            keywords.append(
                try dynamicReference(reference, from: resource, at: pointer + "/$dynamicRef"))
        }
        try addValueKeywords(&reader, to: &keywords)
        try addNumberAndStringKeywords(&reader, to: &keywords)
        try addArrayKeywords(&reader, to: &keywords)
        try addObjectKeywords(&reader, to: &keywords)
        try addUnevaluated(&reader, to: &keywords)
        return keywords
    }

    private mutating func referenced(
        _ target: String, _ reference: String, at place: String
    ) throws(SchemaError) -> Int {
        guard index.value(at: target) != nil else {
            throw .reference(pointer: place, reference)
        }
        return try node(at: target)
    }

    private mutating func dynamicReference(
        _ reference: String, from resource: Int, at place: String
    ) throws(SchemaError) -> SchemaKeyword {
        let target = try index.target(of: reference, from: resource, at: place)
        let first = try referenced(target.pointer, reference, at: place)
        // Only a dynamic anchor at the first target makes the reference dynamic (2020-12 core, 8.2.3.2).
        let name = target.fragment
        guard !name.isEmpty, !name.hasPrefix("/"),
            index.resources[target.resource].dynamicAnchors[name] != nil
        else { return .reference(first) }
        var anchors: [Int: Int] = [:]
        for (number, resource) in index.resources.enumerated() {
            if let pointer = resource.dynamicAnchors[name] {
                anchors[number] = try node(at: pointer)
            }
        }
        return .dynamicReference(first, anchor: anchors)
    }

    mutating func addUnevaluated(
        _ reader: inout KeywordReader, to keywords: inout [SchemaKeyword]
    ) throws(SchemaError) {
        guard index.dialect == .draft2020 else { return }
        if reader.has("unevaluatedItems") {
            keywords.append(.unevaluatedItems(try node(at: reader.place("unevaluatedItems"))))
            usesUnevaluated = true
        }
        if reader.has("unevaluatedProperties") {
            keywords.append(
                .unevaluatedProperties(try node(at: reader.place("unevaluatedProperties"))))
            usesUnevaluated = true
        }
    }

    func pattern(_ text: String, at place: String) throws(SchemaError) -> any Pattern {
        do {
            return try patterns.compile(ECMAPattern.forRE2(text))
        } catch {
            throw .pattern(pointer: place, reason: error.message)
        }
    }
}
