import InterlockJSON

/// The names in a schema document: the positions of resources, anchors and dynamic anchors. Only positions at which a
/// keyword expects a subschema are searched, so an `$id` inside `enum` names nothing.
struct SchemaIndex {
    struct Resource {
        let base: URIReference
        /// The position as a JSON pointer in the document.
        let pointer: String
        var anchors: [ExactText: String] = [:]
        var dynamicAnchors: [ExactText: String] = [:]
    }

    let document: JSONValue
    let dialect: SchemaDialect
    private(set) var resources: [Resource] = []
    private var resourceByName: [ExactText: Int] = [:]
    private var resourceByPointer: [ExactText: Int] = [:]
    private var subschemas = 0

    init(_ document: JSONValue, _ dialect: SchemaDialect) throws(SchemaError) {
        self.document = document
        self.dialect = dialect
        try add(Resource(base: URIReference(""), pointer: ""))
        try walk(document, pointer: "", resource: 0)
    }

    /// Returns the resource that contains a position.
    func resource(at pointer: String) -> Int {
        var place = Substring(pointer)
        while true {
            if let resource = resourceByPointer[String(place)] { return resource }
            guard let slash = place.lastIndex(of: "/") else { return 0 }
            place = place[..<slash]
        }
    }

    /// Resolves a reference to a pointer in the document.
    func target(
        of reference: String, from resource: Int, at pointer: String
    ) throws(SchemaError) -> (resource: Int, pointer: String, fragment: String) {
        let uri = URIReference(reference).resolved(against: resources[resource].base)
        guard let found = resourceByName[uri.withoutFragment] else {
            throw .remoteReference(pointer: pointer, reference)
        }
        guard let fragment = uri.decodedFragment else {
            throw .reference(pointer: pointer, reference)
        }
        let root = resources[found].pointer
        if fragment.isEmpty { return (found, root, "") }
        if fragment.hasPrefix("/") { return (found, root + fragment, fragment) }
        guard
            let place = resources[found].anchors[fragment]
                ?? resources[found].dynamicAnchors[fragment]
        else { throw .reference(pointer: pointer, reference) }
        return (found, place, fragment)
    }

    /// - Returns: nil if the document has no value at the pointer.
    func value(at pointer: String) -> JSONValue? {
        guard let tokens = JSONPointer.tokens(pointer) else { return nil }
        var value = document
        for token in tokens {
            switch value {
            case .object(let object):
                guard let member = object[token] else { return nil }
                value = member
            case .array(let elements):
                guard let place = Int(token), String(place) == token,
                    elements.indices.contains(place)
                else { return nil }
                value = elements[place]
            default: return nil
            }
        }
        return value
    }

    // MARK: Traversal

    private mutating func add(_ resource: Resource) throws(SchemaError) {
        let name = resource.base.withoutFragment
        guard resourceByName[name] == nil else {
            throw .reference(pointer: resource.pointer + "/$id", name)
        }
        resourceByName[name] = resources.count
        resourceByPointer[resource.pointer] = resources.count
        resources.append(resource)
    }

    private mutating func walk(
        _ schema: JSONValue, pointer: String, resource: Int
    ) throws(SchemaError) {
        guard let object = schema.object else { return }
        subschemas += 1
        guard subschemas <= SchemaLimits.subschemas else { throw .tooManySubschemas }
        let resource = try enter(object, pointer: pointer, resource: resource)
        for (key, value) in object.members {
            let place = pointer + "/" + JSONPointer.escaped(key)
            switch SchemaLocations.of(key, in: dialect) {
            case .nothing: break
            case .one: try walk(value, pointer: place, resource: resource)
            case .oneOrList where value.array == nil:
                try walk(value, pointer: place, resource: resource)
            case .list, .oneOrList, .map:
                for (child, childPlace) in children(of: value, at: place) {
                    try walk(child, pointer: childPlace, resource: resource)
                }
            }
        }
    }

    private func children(of value: JSONValue, at place: String) -> [(JSONValue, String)] {
        switch value {
        case .array(let elements):
            return elements.enumerated().map { ($0.element, "\(place)/\($0.offset)") }
        case .object(let object):
            return object.members.map { ($0.value, place + "/" + JSONPointer.escaped($0.key)) }
        default: return []
        }
    }

    /// - Returns: the resource of the schema's content, which is a new one if `$id` starts it.
    private mutating func enter(
        _ schema: JSONObject, pointer: String, resource: Int
    ) throws(SchemaError) -> Int {
        if pointer != "", schema["$schema"] != nil, schema["$id"] != nil {
            let own = try SchemaDialect(of: .object(schema))
            guard own == dialect else { throw .dialect(schema["$schema"]?.string ?? "") }
        }
        var current = resource
        // Keywords next to `$ref` are ignored in draft-07.
        let isPlainReference = dialect == .draft7 && schema["$ref"] != nil
        if let id = schema["$id"], !isPlainReference {
            current = try identify(id, pointer: pointer, resource: resource)
        }
        guard dialect == .draft2020 else { return current }
        if let anchor = try anchor("$anchor", in: schema, at: pointer) {
            guard resources[current].anchors.updateValue(pointer, forKey: anchor) == nil else {
                throw .reference(pointer: pointer + "/$anchor", anchor)
            }
        }
        if let anchor = try anchor("$dynamicAnchor", in: schema, at: pointer) {
            guard resources[current].dynamicAnchors.updateValue(pointer, forKey: anchor) == nil
            else { throw .reference(pointer: pointer + "/$dynamicAnchor", anchor) }
        }
        return current
    }

    private mutating func identify(
        _ id: JSONValue, pointer: String, resource: Int
    ) throws(SchemaError) -> Int {
        guard case .string(let text) = id else {
            throw .keyword(pointer: pointer + "/$id", expected: "a URI")
        }
        let uri = URIReference(text).resolved(against: resources[resource].base)
        let fragment = uri.decodedFragment ?? ""
        if !fragment.isEmpty, dialect == .draft2020 {
            throw .keyword(pointer: pointer + "/$id", expected: "a URI without fragment")
        }
        var current = resource
        if uri.withoutFragment != resources[resource].base.withoutFragment {
            try add(Resource(base: uri, pointer: pointer))
            current = resources.count - 1
        }
        if !fragment.isEmpty {
            guard resources[current].anchors.updateValue(pointer, forKey: fragment) == nil else {
                throw .reference(pointer: pointer + "/$id", text)
            }
        }
        return current
    }

    private func anchor(
        _ key: String, in schema: JSONObject, at pointer: String
    ) throws(SchemaError) -> String? {
        guard let value = schema[key] else { return nil }
        guard case .string(let text) = value, !text.isEmpty, !text.contains("/") else {
            throw .keyword(pointer: pointer + "/" + key, expected: "a plain name")
        }
        return text
    }
}

/// The positions at which a keyword holds subschemas.
enum SchemaLocations {
    case nothing, one, list, oneOrList, map

    static func of(_ key: String, in dialect: SchemaDialect) -> SchemaLocations {
        switch key {
        case "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else":
            .one
        case "allOf", "anyOf", "oneOf": .list
        case "properties", "patternProperties", "definitions", "$defs": .map
        case "items": dialect == .draft7 ? .oneOrList : .one
        case "additionalItems": dialect == .draft7 ? .one : .nothing
        case "dependencies": dialect == .draft7 ? .map : .nothing
        case "prefixItems": dialect == .draft2020 ? .list : .nothing
        case "dependentSchemas": dialect == .draft2020 ? .map : .nothing
        case "unevaluatedItems", "unevaluatedProperties": dialect == .draft2020 ? .one : .nothing
        default: .nothing
        }
    }
}
