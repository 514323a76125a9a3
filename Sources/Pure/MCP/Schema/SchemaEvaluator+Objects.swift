import InterlockJSON

extension SchemaEvaluator {
    mutating func applyToObject(
        _ keyword: SchemaKeyword, _ object: JSONObject, _ seen: inout Evaluated
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        switch keyword {
        case .size(let least, let most):
            if object.count < least {
                return SchemaViolation("minProperties", "must have at least \(least) members")
            }
            return object.count <= most
                ? nil : SchemaViolation("maxProperties", "must have at most \(most) members")
        case .required(let names): return try missing(names, in: object, "required")
        case .dependentRequired(let rules):
            for rule in rules where try has(rule.key, object) {
                if let violation = try missing(rule.needs, in: object, "dependentRequired") {
                    return violation
                }
            }
            return nil
        case .dependentSchemas(let rules):
            for rule in rules where try has(rule.key, object) {
                if let violation = try check(rule.node, .object(object), &seen) {
                    return violation
                }
            }
            return nil
        case .propertyNames(let node):
            for (key, _) in object.members {
                if let violation = try checkChild(node, .string(key)) {
                    return SchemaViolation(
                        "propertyNames", "has a name that \(violation.message)"
                    ).inside(key)
                }
            }
            return nil
        case .properties(let named, let matching, let others):
            for (place, member) in object.members.enumerated() {
                var nodes: [Int] = []
                if let node = named[ExactText(member.key)] { nodes.append(node) }
                for rule in matching where try matches(rule.pattern, member.key) {
                    nodes.append(rule.node)
                }
                if nodes.isEmpty, let others {
                    if schema.nodes[others].boolean == false { return excluded(member.key) }
                    nodes.append(others)
                }
                try spend()
                for node in nodes {
                    if let violation = try checkChild(node, member.value) {
                        return violation.inside(member.key)
                    }
                }
                if !nodes.isEmpty { seen.addProperty(place) }
            }
            return nil
        case .unevaluatedProperties(let node):
            for (place, member) in object.members.enumerated() where !seen.hasProperty(place) {
                if schema.nodes[node].boolean == false { return excluded(member.key) }
                if let violation = try checkChild(node, member.value) {
                    return violation.inside(member.key)
                }
            }
            seen.addAllProperties()
            return nil
        default: return nil
        }
    }

    /// Returns the violation of a member that `additionalProperties` or `unevaluatedProperties` is false for.
    private func excluded(_ key: String) -> SchemaViolation {
        SchemaViolation(.extraField, "is not allowed").inside(key)
    }

    private mutating func missing(
        _ names: [String], in object: JSONObject, _ keyword: String
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        for name in names where try !has(name, object) {
            return SchemaViolation(keyword, "must have the member `\(shortened(name))`")
        }
        return nil
    }

    private mutating func has(
        _ key: String, _ object: JSONObject
    ) throws(SchemaBudgetSpent) -> Bool {
        try spend(1 + object.count / 16)
        return object[key] != nil
    }
}
