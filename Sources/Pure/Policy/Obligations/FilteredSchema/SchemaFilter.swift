import InterlockJSON

/// Rewrites a schema for results that lose fields. Where no path leads, a schema stays as it is.
struct SchemaFilter {
    /// The schema cannot be rewritten.
    struct Unwritable: Error {}

    /// The paths that lead from one position of a result; none of them ends there.
    struct Paths {
        /// Is nil if everything below is kept.
        var keep: [FieldPath]?
        var drop: [FieldPath]
        var mask: [FieldPath]

        var isEmpty: Bool { keep == nil && drop.isEmpty && mask.isEmpty }
    }

    /// The fate of a field.
    enum Field {
        case removed
        /// - isKeptWhole: false if the field is only kept in part, so that a scalar in its place is removed before.
        case masked(isKeptWhole: Bool)
        /// The field stays, with these paths below it.
        case stays(Paths)
    }

    /// The limits on the work for one schema, which is at most 256 KiB (`SchemaLimits`): references can repeat parts.
    private static let mostSchemas = 2_000
    private static let deepest = 64
    /// The bytes that each schema counts for.
    private static let bytesOfSchema = 32

    private let root: JSONObject
    private let isDraft7: Bool
    /// The bytes of the parts that are copied: some copies of a small part, few of a large one.
    private let mostBytes: Int
    private var schemas = 0
    private var depth = 0
    private var bytes = 0

    init(root: JSONObject) {
        self.root = root
        mostBytes = 4 * JSONValue.object(root).serialized().count + 4096
        isDraft7 = root["$schema"]?.string?.contains("draft-07") ?? false
    }

    /// Returns the root with the definitions that it still refers to.
    mutating func filtered(
        _ root: JSONObject, _ paths: Paths
    ) throws(Unwritable) -> JSONObject {
        guard case .object(var result) = try schema(.object(root), paths) else {
            throw Unwritable()
        }
        result["$schema"] = root["$schema"]
        try SchemaReferences(of: root).addDefinitions(to: &result)
        return result
    }

    mutating func schema(_ value: JSONValue, _ paths: Paths) throws(Unwritable) -> JSONValue {
        if paths.isEmpty { return try counted(value) }
        guard case .object(let schema) = value else { return value }
        schemas += 1
        bytes += Self.bytesOfSchema
        depth += 1
        defer { depth -= 1 }
        guard schemas <= Self.mostSchemas, depth <= Self.deepest, bytes <= mostBytes else {
            throw Unwritable()
        }
        // The references below another `$id` are relative to that one, not to the root.
        guard depth == 1 || schema["$id"] == nil else { throw Unwritable() }
        var result = SchemaFilter.unaffectedKeywords(of: schema)
        var parts: [JSONValue] = []
        if let reference = schema["$ref"] {
            let target = try self.schema(try self.target(of: reference), paths)
            // Keywords next to `$ref` are ignored in draft-07.
            if isDraft7 { return target }
            parts.append(target)
        }
        for key in ["title", "description", "type"] {
            if let word = schema[key] { _ = try counted(word) }
        }
        try addProperties(of: schema, paths, to: &result)
        try addItems(of: schema, paths, to: &result)
        for key in ["allOf", "anyOf", "oneOf"] {
            guard let branches = schema[key]?.array else { continue }
            var filtered: [JSONValue] = []
            for branch in branches { filtered.append(try self.schema(branch, paths)) }
            if key == "allOf" {
                parts += filtered
            } else {
                // Branches that differed in a removed field alone are all satisfied.
                parts.append(["anyOf": .array(filtered)])
            }
        }
        if !parts.isEmpty { result["allOf"] = .array(parts) }
        return .object(result)
    }

    /// The keywords that no removed field breaks.
    private static func unaffectedKeywords(of schema: JSONObject) -> JSONObject {
        var keywords = JSONObject()
        for key in ["title", "description", "type", "maxItems"] {
            keywords[key] = schema[key]
        }
        return keywords
    }

    /// Counts the bytes of a part that the result has as it is.
    private mutating func counted(_ part: JSONValue) throws(Unwritable) -> JSONValue {
        bytes += part.serialized().count
        guard bytes <= mostBytes else { throw Unwritable() }
        return part
    }

    private func target(of reference: JSONValue) throws(Unwritable) -> JSONValue {
        guard let text = reference.string, text.hasPrefix("#"), !text.contains("%"),
            let tokens = JSONPointer.tokens(text.dropFirst())
        else { throw Unwritable() }
        var value = JSONValue.object(root)
        for token in tokens {
            guard let member = value[token], member["$id"] == nil else { throw Unwritable() }
            value = member
        }
        return value
    }

    private mutating func addItems(
        of schema: JSONObject, _ paths: Paths, to result: inout JSONObject
    ) throws(Unwritable) {
        // Elements without a kept field are removed, so that positions and least numbers mean nothing.
        if paths.keep == nil { result["minItems"] = schema["minItems"] }
        guard let items = schema["items"], items.array == nil, schema["prefixItems"] == nil else {
            return
        }
        result["items"] = try self.schema(items, paths)
    }

    private mutating func addProperties(
        of schema: JSONObject, _ paths: Paths, to result: inout JSONObject
    ) throws(Unwritable) {
        guard schema["patternProperties"] == nil else { throw Unwritable() }
        var properties = JSONObject()
        for (name, value) in schema["properties"]?.object?.members ?? [] {
            _ = try counted(.string(name))
            switch paths.field(name) {
            case .removed: break
            case .masked: properties[name] = try counted(SchemaFilter.masked(value))
            case .stays(let below): properties[name] = try self.schema(value, below)
            }
        }
        if schema["properties"] != nil { result["properties"] = .object(properties) }
        if let required = schema["required"]?.array {
            result["required"] = .array(
                required.filter { name in
                    guard let name = name.string else { return false }
                    return remainsRequired(name, properties[name], paths)
                })
        }
        let known = properties
        if let others = schema["additionalProperties"],
            paths.firstNames.allSatisfy({ known[$0] != nil || paths.isUnchanged($0) })
        {
            result["additionalProperties"] = try counted(others)
        }
    }

    /// Returns whether a required field is certain to be in a filtered result. One that is kept in part is removed if it
    /// is neither an object nor a list.
    private func remainsRequired(_ name: String, _ schema: JSONValue?, _ paths: Paths) -> Bool {
        switch paths.field(name) {
        case .removed: false
        case .masked(let isKeptWhole): isKeptWhole
        case .stays(let below):
            below.keep == nil || schema?["type"] == "object" || schema?["type"] == "array"
        }
    }

    /// The schema of a masked field: null stays, lists are masked by element, and everything else is a text.
    private static func masked(_ schema: JSONValue) -> JSONValue {
        var result = JSONObject()
        guard case .object(let schema) = schema else { return .object(result) }
        result["title"] = schema["title"]
        result["description"] = schema["description"]
        switch schema["type"] {
        case .string(let type)?: result["type"] = .string(masked(type: type))
        case .array(let types)?:
            var kinds: [JSONValue] = []
            for type in types {
                guard let type = type.string else { continue }
                let kind = JSONValue.string(masked(type: type))
                if !kinds.contains(kind) { kinds.append(kind) }
            }
            result["type"] = .array(kinds)
        default: break
        }
        return .object(result)
    }

    private static func masked(type: String) -> String {
        type == "null" || type == "array" ? type : "string"
    }
}

extension SchemaFilter.Paths {
    /// Returns the fate of the field, in the order in which `DataObligations.apply` keeps, drops and masks.
    func field(_ name: String) -> SchemaFilter.Field {
        var below = SchemaFilter.Paths(keep: nil, drop: [], mask: [])
        if let keep {
            let kept = keep.compactMap { $0.below(name) }
            if kept.isEmpty { return .removed }
            below.keep = kept.contains(where: \.isHere) ? nil : kept
        }
        switch drop.match(name) {
        case .unrelated: break
        case .variant: return .removed
        case .below(let rests):
            if rests.contains(where: \.isHere) { return .removed }
            below.drop = rests
        }
        switch mask.match(name) {
        case .unrelated: break
        case .variant: return .removed
        case .below(let rests):
            if rests.contains(where: \.isHere) {
                return .masked(isKeptWhole: below.keep == nil)
            }
            below.mask = rests
        }
        return .stays(below)
    }

    var firstNames: [String] { ((keep ?? []) + drop + mask).compactMap(\.names.first) }

    /// Returns whether the field either is removed or stays as it is.
    func isUnchanged(_ name: String) -> Bool {
        switch field(name) {
        case .removed: true
        case .masked: false
        case .stays(let below): below.isEmpty
        }
    }
}
