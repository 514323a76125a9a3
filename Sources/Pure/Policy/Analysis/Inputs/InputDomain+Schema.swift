import InterlockJSON
import InterlockPolicyCEL

extension InputDomain {
    /// The depth of nested objects beyond which only their types are used.
    private static let deepest = 8

    /// The conditions that an input schema states beyond types. Anything that is not understood is ignored:
    /// the domain is then too large, never too small.
    static func refinements(of schema: JSONObject) -> [[String]: Constraint] {
        var result: [[String]: Constraint] = [:]
        collect(schema, at: ["args"], depth: 0, &result)
        return result
    }

    private static func collect(
        _ schema: JSONObject, at names: [String], depth: Int, _ result: inout [[String]: Constraint]
    ) {
        guard depth < deepest, let properties = schema["properties"]?.object else { return }
        for (name, value) in properties.members {
            guard let property = value.object, property["$ref"] == nil else { continue }
            let place = names + [name]
            if let constraint = constraint(property) { result[place] = constraint }
            collect(property, at: place, depth: depth + 1, &result)
        }
    }

    private static func constraint(_ schema: JSONObject) -> Constraint? {
        var result = Constraint(.any, numbers: .all(grid(schema)))
        if let values = schema["enum"]?.array ?? schema["const"].map({ [$0] }) {
            guard let listed = listed(values, grid(schema)) else { return nil }
            result = result.intersection(listed)
        }
        result = result.intersection(
            Constraint(
                .any, numbers: numbers(schema), strings: lengths(schema),
                counts: counts(schema)))
        return result
    }

    private static func grid(_ schema: JSONObject) -> NumberGrid {
        switch schema["type"] {
        case .string("integer"): return .integer
        case .array(let kinds):
            return kinds.contains("integer") && !kinds.contains("number") ? .integer : .real
        default: return .real
        }
    }

    private static func listed(_ values: [JSONValue], _ grid: NumberGrid) -> Constraint? {
        var kinds: ValueKinds = .absent
        var texts: [CodePointArray] = []
        var numbers = NumberSet.none(grid)
        for value in values {
            kinds.formUnion(ValueKinds(of: value))
            switch value {
            case .string(let text): texts.append(text.codePointArray)
            case .integer(let number):
                numbers = numbers.union(NumberSet(grid, .equal, ConstantNumber(number)))
            case .number(let number):
                guard let constant = ConstantNumber(.double(number.double)) else { return nil }
                numbers = numbers.union(NumberSet(grid, .equal, constant))
            case .array, .object: return nil
            case .null, .bool: break
            }
        }
        return Constraint(kinds, numbers: numbers, strings: [.oneOf(texts)])
    }

    private static func numbers(_ schema: JSONObject) -> NumberSet {
        bounded(
            grid(schema), schema,
            [
                ("minimum", .greaterEqual), ("exclusiveMinimum", .greater),
                ("maximum", .lessEqual), ("exclusiveMaximum", .less),
            ])
    }

    private static func lengths(_ schema: JSONObject) -> Set<StringLiteral> {
        let sizes = bounded(
            .count, schema, [("minLength", .greaterEqual), ("maxLength", .lessEqual)])
        return sizes.isAll ? [] : [StringLiteral(atom: .size(sizes))]
    }

    private static func counts(_ schema: JSONObject) -> NumberSet {
        let lists = bounded(
            .count, schema, [("minItems", .greaterEqual), ("maxItems", .lessEqual)])
        // Lists and objects share one set of counts, so a bound on one kind alone must not restrict the
        // other.
        return schema["type"] == "array" ? lists : .all(.count)
    }

    private static func bounded(
        _ grid: NumberGrid, _ schema: JSONObject, _ bounds: [(key: String, CELOperator)]
    ) -> NumberSet {
        var result = NumberSet.all(grid)
        for (key, comparison) in bounds {
            guard let value = schema[key], let constant = ConstantNumber(CELValue(value)) else {
                continue
            }
            result = result.intersection(NumberSet(grid, comparison, constant))
        }
        return result
    }
}
