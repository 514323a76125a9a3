import InterlockJSON
import InterlockModel

/// The step limit of one validation is exceeded. It is thrown, so that `not` and `anyOf` cannot mistake it for a
/// result.
struct SchemaBudgetSpent: Error {}

/// The validation of one value.
struct SchemaEvaluator {
    let schema: CompiledSchema
    private var steps = 0
    private var nesting = 0
    /// The dynamic scope: the resources that were entered on the way to this position, outermost first.
    private var scope: [Int] = []

    init(_ schema: CompiledSchema) { self.schema = schema }

    mutating func spend(_ count: Int = 1) throws(SchemaBudgetSpent) {
        steps += count
        if steps > SchemaLimits.steps { throw SchemaBudgetSpent() }
    }

    mutating func check(
        _ place: Int, _ value: JSONValue, _ seen: inout Evaluated
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        try spend()
        let node = schema.nodes[place]
        if let boolean = node.boolean {
            return boolean ? nil : SchemaViolation("false", "is not allowed")
        }
        nesting += 1
        if nesting > SchemaLimits.nesting { throw SchemaBudgetSpent() }
        let entersResource = scope.last != node.resource
        if entersResource { scope.append(node.resource) }
        defer {
            nesting -= 1
            if entersResource { scope.removeLast() }
        }
        // The `unevaluated...` keywords of a schema see what the schema itself and its parts have evaluated, but not
        // what adjacent schemas have.
        var own = Evaluated(isTracking: seen.isTracking)
        for keyword in node.keywords {
            if let violation = try apply(keyword, value, &own) { return violation }
        }
        try merge(own, into: &seen)
        return nil
    }

    private mutating func apply(
        _ keyword: SchemaKeyword, _ value: JSONValue, _ seen: inout Evaluated
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        switch keyword {
        case .type(let types):
            return types.allow(value) ? nil : SchemaViolation("type", "must be \(types.text)")
        case .enumeration(let values):
            for candidate in values where try isEqual(candidate, value) { return nil }
            return SchemaViolation("enum", "must be one of the listed values")
        case .const(let wanted):
            return try isEqual(wanted, value)
                ? nil : SchemaViolation("const", "must have the one allowed value")

        case .reference(let target): return try check(target, value, &seen)
        case .dynamicReference(let first, let anchors):
            let outermost = scope.lazy.compactMap { anchors[$0] }.first
            return try check(outermost ?? first, value, &seen)

        case .allOf(let children):
            for child in children {
                if let violation = try check(child, value, &seen) { return violation }
            }
            return nil
        case .anyOf(let children): return try anyOf(children, value, &seen)
        case .oneOf(let children): return try oneOf(children, value, &seen)
        case .not(let child):
            return try passes(child, value, tracking: schema.usesUnevaluated) == nil
                ? nil : SchemaViolation("not", "has a form that is not allowed")
        case .conditional(let condition, let then, let otherwise):
            if let branch = try passes(condition, value, tracking: seen.isTracking) {
                try merge(branch, into: &seen)
                return try then.flatMap { child throws(SchemaBudgetSpent) in
                    try check(child, value, &seen)
                }
            }
            return try otherwise.flatMap { child throws(SchemaBudgetSpent) in
                try check(child, value, &seen)
            }

        case .multipleOf, .maximum, .minimum: return numberFault(keyword, value)
        case .length, .pattern: return try textFault(keyword, value)
        case .count, .uniqueItems, .items, .contains, .unevaluatedItems:
            guard case .array(let elements) = value else { return nil }
            return try applyToArray(keyword, elements, &seen)
        case .size, .required, .dependentRequired, .dependentSchemas, .propertyNames, .properties,
            .unevaluatedProperties:
            guard case .object(let object) = value else { return nil }
            return try applyToObject(keyword, object, &seen)
        }
    }

    private mutating func merge(
        _ other: Evaluated, into seen: inout Evaluated
    ) throws(SchemaBudgetSpent) {
        guard seen.isTracking else { return }
        try spend(other.count / 16)
        seen.formUnion(other)
    }

    /// - Returns: what the branch has evaluated, or nil if it fails.
    private mutating func passes(
        _ child: Int, _ value: JSONValue, tracking: Bool
    ) throws(SchemaBudgetSpent) -> Evaluated? {
        var seen = Evaluated(isTracking: tracking)
        return try check(child, value, &seen) == nil ? seen : nil
    }

    /// Validates a child value. What is evaluated inside it does not count for its parent.
    mutating func checkChild(
        _ node: Int, _ value: JSONValue
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        var seen = Evaluated(isTracking: schema.usesUnevaluated)
        return try check(node, value, &seen)
    }

    private mutating func anyOf(
        _ children: [Int], _ value: JSONValue, _ seen: inout Evaluated
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        var hasPassed = false
        for child in children {
            guard let branch = try passes(child, value, tracking: seen.isTracking) else { continue }
            hasPassed = true
            try merge(branch, into: &seen)
            if !seen.isTracking { break }
        }
        return hasPassed ? nil : SchemaViolation("anyOf", "fits none of the allowed forms")
    }

    private mutating func oneOf(
        _ children: [Int], _ value: JSONValue, _ seen: inout Evaluated
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        var passed: Evaluated?
        for child in children {
            guard let branch = try passes(child, value, tracking: seen.isTracking) else { continue }
            guard passed == nil else {
                return SchemaViolation("oneOf", "fits more than one of the allowed forms")
            }
            passed = branch
        }
        guard let passed else {
            return SchemaViolation("oneOf", "fits none of the allowed forms")
        }
        try merge(passed, into: &seen)
        return nil
    }
}
