import InterlockPolicyCEL

/// The test behind W206: a grant that names what it does not cover. It grants every case that its author
/// did not foresee, such as another spelling, another path to the same thing, or null.
extension CELTree {
    /// The offset of the first negated string test (`!=`, `!x.startsWith`, `!(x in [...])`) or of the
    /// `!has(...)` in an alternative, in code points from the beginning. Is nil without such a test.
    var firstNegatedTest: Int? { negatedTest(root, isNegated: false) }

    private static let stringTests: Set<String> = ["startsWith", "endsWith", "contains", "matches"]

    private func negatedTest(_ id: ID, isNegated: Bool) -> Int? {
        switch self[id].kind {
        case .not(let operand): return negatedTest(operand, isNegated: !isNegated)
        case .binary(let sign, let left, let right):
            switch sign {
            case .and, .or:
                let isAlternative = (sign == .or) != isNegated
                if isAlternative,
                    let absent = [left, right].first(where: { isAbsence($0, isNegated) })
                {
                    return self[absent].offset
                }
                return negatedTest(left, isNegated: isNegated)
                    ?? negatedTest(right, isNegated: isNegated)
            case .notEqual: return !isNegated && isText(left, right) ? self[id].offset : nil
            case .equal: return isNegated && isText(left, right) ? self[id].offset : nil
            case .in: return isNegated && holdsText(right) ? self[id].offset : nil
            default: return nil
            }
        case .conditional(_, let yes, let no):
            return negatedTest(yes, isNegated: isNegated) ?? negatedTest(no, isNegated: isNegated)
        case .call(let name, _?, _, _):
            return isNegated && Self.stringTests.contains(name) ? self[id].offset : nil
        default: return nil
        }
    }

    /// Returns true for `!has(...)` or, under a negation, for `has(...)`.
    private func isAbsence(_ id: ID, _ isNegated: Bool) -> Bool {
        switch self[id].kind {
        case .not(let operand): isAbsence(operand, !isNegated)
        case .has: isNegated
        default: false
        }
    }

    private func isText(_ left: ID, _ right: ID) -> Bool {
        [left, right].contains { id in
            if case .literal(.string) = self[id].kind { true } else { false }
        }
    }

    private func holdsText(_ id: ID) -> Bool {
        guard case .list(let elements) = self[id].kind else { return false }
        return elements.contains { isText($0.value, $0.value) }
    }
}
