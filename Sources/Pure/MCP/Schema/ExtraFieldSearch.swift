import InterlockJSON

/// The search in a tool's arguments for a member, at any depth, that the schema does not name
/// (docs/specs/output-safety.md, section 3).
///
/// A member is named if one of the subschemas that apply to its object has it in `properties`, `patternProperties`,
/// `additionalProperties` or `unevaluatedProperties`. The subschemas are collected over every way that leads to the
/// object: through references, `allOf`, the accepting branches of `anyOf`, `oneOf` and `if`, and over several parents.
/// An object to which no subschema applies that describes objects, such as below `true` or `{}`, may have any member;
/// so may one that an `enum` or `const` lists. Of a `$dynamicRef`, each target that accepts the value counts.
///
/// A position of a list is named likewise, where a subschema lists the first positions and says nothing of the others.
///
/// - Precondition: the arguments are valid under the schema.
struct ExtraFieldSearch {
    private let schema: CompiledSchema
    private var evaluator: SchemaEvaluator

    init(_ schema: CompiledSchema) {
        self.schema = schema
        evaluator = SchemaEvaluator(schema)
    }

    /// - Parameter roots: the node of the arguments.
    /// - Returns: the violation at the first such member, or nil if there is none.
    mutating func first(
        in arguments: JSONObject, at roots: [Int]
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        let applied = try self.applied(roots, .object(arguments))
        return try search(arguments, under: applied)
    }

    private mutating func search(
        _ value: JSONValue, at places: [Int]
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        let applied = try self.applied(places, value)
        if applied.contains(where: { schema.nodes[$0].traits.contains(.listsValues) }) {
            return nil
        }
        switch value {
        case .object(let object):
            guard
                applied.contains(where: { schema.nodes[$0].traits.contains(.describesObjects) })
            else { return nil }
            return try search(object, under: applied)
        case .array(let elements):
            let areListed = applied.contains { listsPositions($0) }
            let cost = cost(of: applied)
            for (index, element) in elements.enumerated() where element.isContainer || areListed {
                try evaluator.spend(cost)
                let children = try self.children(of: applied, index, element)
                if children.isEmpty, areListed {
                    return Self.unknown.inside(String(index))
                }
                guard !children.isEmpty, element.isContainer else { continue }
                if let violation = try search(element, at: children) {
                    return violation.inside(String(index))
                }
            }
            return nil
        case .null, .bool, .integer, .number, .string: return nil
        }
    }

    private mutating func search(
        _ object: JSONObject, under applied: [Int]
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        let cost = cost(of: applied)
        for (key, value) in object.members {
            try evaluator.spend(cost)
            guard try isNamed(key, by: applied) else {
                return Self.unknown.inside(key)
            }
            guard value.isContainer else { continue }
            if let violation = try search(value, at: try children(of: applied, key)) {
                return violation.inside(key)
            }
        }
        return nil
    }

    private static let unknown = SchemaViolation(.extraField, "is not known to the tool")

    /// Returns the steps of one search of a member: each keyword of each node can be read.
    private func cost(of places: [Int]) -> Int {
        1 + places.reduce(0) { $0 + schema.nodes[$1].keywords.count } / 16
    }

    /// Returns whether the node has subschemas for the first positions of a list, and none for the others.
    private func listsPositions(_ place: Int) -> Bool {
        schema.nodes[place].keywords.contains { keyword in
            guard case .items(let prefix, let rest) = keyword else { return false }
            return !prefix.isEmpty && rest == nil
        }
    }

    /// Returns whether the node is the schema `false`, which names nothing.
    private func isFalse(_ place: Int) -> Bool { schema.nodes[place].boolean == false }

    private mutating func isNamed(
        _ key: String, by places: [Int]
    ) throws(SchemaBudgetSpent) -> Bool {
        for place in places {
            for keyword in schema.nodes[place].keywords {
                switch keyword {
                case .properties(let named, let matching, let others):
                    if named[ExactText(key)] != nil { return true }
                    if let others, !isFalse(others) { return true }
                    for rule in matching where try evaluator.matches(rule.pattern, key) {
                        return true
                    }
                case .unevaluatedProperties(let node):
                    if !isFalse(node) { return true }
                default: break
                }
            }
        }
        return false
    }

    /// Returns the nodes that apply to a member; `unevaluatedProperties` counts only if no other keyword names it.
    private mutating func children(
        of places: [Int], _ key: String
    ) throws(SchemaBudgetSpent) -> [Int] {
        var children: [Int] = []
        var unevaluated: [Int] = []
        for place in places {
            for keyword in schema.nodes[place].keywords {
                switch keyword {
                case .properties(let named, let matching, let others):
                    let known = children.count
                    if let node = named[ExactText(key)] { children.append(node) }
                    for rule in matching where try evaluator.matches(rule.pattern, key) {
                        children.append(rule.node)
                    }
                    if children.count == known, let others { children.append(others) }
                case .unevaluatedProperties(let node): unevaluated.append(node)
                default: break
                }
            }
        }
        return children.isEmpty ? unevaluated : children
    }

    private mutating func children(
        of places: [Int], _ index: Int, _ element: JSONValue
    ) throws(SchemaBudgetSpent) -> [Int] {
        var children: [Int] = []
        var unevaluated: [Int] = []
        for place in places {
            for keyword in schema.nodes[place].keywords {
                switch keyword {
                case .items(let prefix, let rest):
                    if let node = index < prefix.count ? prefix[index] : rest {
                        children.append(node)
                    }
                case .contains(let node, _, _):
                    if try evaluator.checkChild(node, element) == nil { children.append(node) }
                case .unevaluatedItems(let node): unevaluated.append(node)
                default: break
                }
            }
        }
        return children.isEmpty ? unevaluated : children
    }

    /// Returns the nodes and all that they apply to the same value; a branch that rejects the value is not among them.
    private mutating func applied(
        _ places: [Int], _ value: JSONValue
    ) throws(SchemaBudgetSpent) -> [Int] {
        guard places.contains(where: { schema.nodes[$0].traits.contains(.appliesOthers) }) else {
            return places
        }
        var applied: [Int] = []
        for place in places { try add(place, value, to: &applied) }
        return applied
    }

    private mutating func add(
        _ place: Int, _ value: JSONValue, to applied: inout [Int]
    ) throws(SchemaBudgetSpent) {
        try evaluator.spend(1 + applied.count / 16)
        guard !applied.contains(place) else { return }
        guard applied.count < SchemaLimits.appliedToOneValue else { throw SchemaBudgetSpent() }
        applied.append(place)
        guard schema.nodes[place].traits.contains(.appliesOthers) else { return }
        for keyword in schema.nodes[place].keywords {
            switch keyword {
            case .reference(let target): try add(target, value, to: &applied)
            case .dynamicReference(let target, let anchors):
                // The dynamic scope of the validation is not known here.
                let targets = Set([target] + Array(anchors.values)).sorted()
                var fitting: [Int] = []
                if targets.count > 1 {
                    for target in targets where try evaluator.checkChild(target, value) == nil {
                        fitting.append(target)
                    }
                }
                for target in fitting.isEmpty ? targets : fitting {
                    try add(target, value, to: &applied)
                }
            case .allOf(let children):
                for child in children { try add(child, value, to: &applied) }
            case .anyOf(let children), .oneOf(let children):
                for child in children { try addIfFit(child, value, to: &applied) }
            case .conditional(let condition, let then, let otherwise):
                if try evaluator.checkChild(condition, value) == nil {
                    try add(condition, value, to: &applied)
                    if let then { try add(then, value, to: &applied) }
                } else if let otherwise {
                    try add(otherwise, value, to: &applied)
                }
            case .dependentSchemas(let rules):
                guard case .object(let object) = value else { break }
                for rule in rules where object[rule.key] != nil {
                    try add(rule.node, value, to: &applied)
                }
            default: break
            }
        }
    }

    private mutating func addIfFit(
        _ place: Int, _ value: JSONValue, to applied: inout [Int]
    ) throws(SchemaBudgetSpent) {
        if try evaluator.checkChild(place, value) == nil { try add(place, value, to: &applied) }
    }
}

extension JSONValue {
    fileprivate var isContainer: Bool {
        switch self {
        case .object, .array: true
        case .null, .bool, .integer, .number, .string: false
        }
    }
}
