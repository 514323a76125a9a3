import InterlockJSON
import InterlockModel

extension SchemaEvaluator {
    /// The number of compared bytes that cost one step.
    private static let comparedBytesPerStep = 256
    /// The product of searched bytes and pattern instructions that costs one step, at most 2 us.
    private static let searchedPerStep = 512

    func numberFault(_ keyword: SchemaKeyword, _ value: JSONValue) -> SchemaViolation? {
        guard let number = ExactDecimal(value) else { return nil }
        switch keyword {
        case .multipleOf(let divisor, let text):
            return number.isMultiple(of: divisor)
                ? nil : SchemaViolation("multipleOf", "must be a multiple of \(text)")
        case .maximum(let bound, let isExclusive, let text):
            if isExclusive {
                return number < bound
                    ? nil : SchemaViolation("exclusiveMaximum", "must be below \(text)")
            }
            return number <= bound ? nil : SchemaViolation("maximum", "must be at most \(text)")
        case .minimum(let bound, let isExclusive, let text):
            if isExclusive {
                return number > bound
                    ? nil : SchemaViolation("exclusiveMinimum", "must be above \(text)")
            }
            return number >= bound ? nil : SchemaViolation("minimum", "must be at least \(text)")
        default: return nil
        }
    }

    mutating func textFault(
        _ keyword: SchemaKeyword, _ value: JSONValue
    ) throws(SchemaBudgetSpent) -> SchemaViolation? {
        guard case .string(let text) = value else { return nil }
        switch keyword {
        case .length(let least, let most):
            try spend(text.utf8.count / Self.comparedBytesPerStep)
            let count = text.unicodeScalars.count
            if count < least {
                return SchemaViolation("minLength", "must have at least \(least) characters")
            }
            return count <= most
                ? nil : SchemaViolation("maxLength", "must have at most \(most) characters")
        case .pattern(let pattern, let spelling):
            return try matches(pattern, text)
                ? nil : SchemaViolation("pattern", "must match the pattern \(shortened(spelling))")
        default: return nil
        }
    }

    mutating func matches(
        _ pattern: any Pattern, _ text: String
    ) throws(SchemaBudgetSpent) -> Bool {
        let (searched, overflow) = text.utf8.count.multipliedReportingOverflow(
            by: pattern.instructions)
        try spend(overflow ? SchemaLimits.steps + 1 : 1 + searched / Self.searchedPerStep)
        return pattern.matches(text)
    }

    /// Returns true if the values are equal in JSON Schema: numbers by value, objects regardless of order.
    mutating func isEqual(_ a: JSONValue, _ b: JSONValue) throws(SchemaBudgetSpent) -> Bool {
        try spend()
        switch (a, b) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.integer(let a), .integer(let b)): return a == b
        case (.integer, .number), (.number, .integer), (.number, .number):
            return ExactDecimal(a) == ExactDecimal(b)
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
            try spend(a.utf8.count / Self.comparedBytesPerStep)
            return sameBytes(a, b)
        case (.array(let a), .array(let b)):
            guard a.count == b.count else { return false }
            for (x, y) in zip(a, b) {
                if try !isEqual(x, y) { return false }
            }
            return true
        case (.object(let a), .object(let b)):
            guard a.count == b.count else { return false }
            for (key, value) in a.members {
                try spend(b.count / 16)
                guard let other = b[key] else { return false }
                if try !isEqual(value, other) { return false }
            }
            return true
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _),
            (.object, _):
            return false
        }
    }
}
