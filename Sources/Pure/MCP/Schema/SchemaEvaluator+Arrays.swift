import InterlockJSON

extension SchemaEvaluator {
    mutating func applyToArray(
        _ keyword: SchemaKeyword, _ elements: [JSONValue], _ seen: inout Evaluated
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        switch keyword {
        case .count(let least, let most):
            if elements.count < least {
                return SchemaViolation("minItems", "must have at least \(least) elements")
            }
            return elements.count <= most
                ? nil : SchemaViolation("maxItems", "must have at most \(most) elements")
        case .uniqueItems: return try repetition(elements)
        case .items(let prefix, let rest):
            for (place, element) in elements.enumerated() {
                guard let node = place < prefix.count ? prefix[place] : rest else { break }
                if let violation = try checkChild(node, element) {
                    return violation.inside(String(place))
                }
                seen.addItem(place)
            }
            return nil
        case .contains(let node, let least, let most):
            var count = 0
            for (place, element) in elements.enumerated()
            where try checkChild(node, element) == nil {
                count += 1
                seen.addItem(place)
            }
            if count < least {
                return SchemaViolation("contains", "must have at least \(least) fitting elements")
            }
            return count <= most
                ? nil : SchemaViolation("contains", "must have at most \(most) fitting elements")
        case .unevaluatedItems(let node):
            for (place, element) in elements.enumerated() where !seen.hasItem(place) {
                if let violation = try checkChild(node, element) {
                    return violation.inside(String(place))
                }
            }
            seen.addAllItems()
            return nil
        default: return nil
        }
    }

    /// Finds a repeated element. Equal elements have equal keys, so only elements with the same key are compared.
    private mutating func repetition(
        _ elements: [JSONValue]
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        var byKey: [Int: [Int]] = [:]
        for (place, element) in elements.enumerated() {
            var hasher = Hasher()
            try combine(element, &hasher)
            let key = hasher.finalize()
            for other in byKey[key] ?? [] where try isEqual(elements[other], element) {
                return SchemaViolation("uniqueItems", "must not repeat an element")
                    .inside(String(place))
            }
            byKey[key, default: []].append(place)
        }
        return nil
    }

    /// Feeds a value to the hasher so that values that JSON Schema treats as equal have equal hashes.
    private mutating func combine(
        _ value: JSONValue, _ hasher: inout Hasher
    ) throws(SchemaBudgetSpent) {
        try spend()
        switch value {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer, .number: hasher.combine(ExactDecimal(value))
        case .string(let text):
            try spend(text.utf8.count / 256)
            hashBytes(of: text, into: &hasher)
        case .array(let elements):
            for element in elements { try combine(element, &hasher) }
        case .object(let object):
            var sum = 0
            for (key, value) in object.members {
                var member = Hasher()
                hashBytes(of: key, into: &member)
                try combine(value, &member)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        }
    }
}
