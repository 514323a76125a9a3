import InterlockJSON

/// The definitions of a schema, for another one that refers to some of them.
struct SchemaReferences {
    private let root: JSONObject

    init(of root: JSONObject) { self.root = root }

    private static let groups = ["$defs", "definitions"]
    /// The keywords that give a position another name than its pointer.
    private static let identifierKeywords: Set<ExactText> = [
        "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor",
    ]

    /// Adds the definitions to which the schema refers, and those to which these refer.
    ///
    /// - Throws: if a reference is not to a definition, or a position has another name.
    func addDefinitions(to schema: inout JSONObject) throws(SchemaFilter.Unwritable) {
        var wanted: [String] = []
        try collect(.object(schema), &wanted)
        var known: Set<ExactText> = []
        var groups: [(group: String, members: JSONObject)] = []
        for group in Self.groups { groups.append((group, JSONObject())) }
        while let reference = wanted.popLast() {
            guard known.insert(reference).inserted else { continue }
            guard !reference.contains("%"),
                let tokens = JSONPointer.tokens(reference.dropFirst()), tokens.count == 2,
                let place = Self.groups.firstIndex(where: { sameBytes($0, tokens[0]) }),
                let definition = root[tokens[0]]?[tokens[1]]
            else { throw SchemaFilter.Unwritable() }
            groups[place].members[tokens[1]] = definition
            try collect(definition, &wanted)
        }
        for (group, members) in groups where !members.isEmpty { schema[group] = .object(members) }
    }

    /// Collects the texts of all members `$ref`, also of those in values that are no schemas.
    private func collect(
        _ value: JSONValue, _ references: inout [String]
    ) throws(SchemaFilter.Unwritable) {
        switch value {
        case .object(let object):
            for (key, value) in object.members {
                guard !Self.identifierKeywords.contains(key) else {
                    throw SchemaFilter.Unwritable()
                }
                if sameBytes(key, "$ref") {
                    guard let text = value.string, text.hasPrefix("#") else {
                        throw SchemaFilter.Unwritable()
                    }
                    references.append(text)
                }
                try collect(value, &references)
            }
        case .array(let elements): for element in elements { try collect(element, &references) }
        case .null, .bool, .integer, .number, .string: break
        }
    }
}
