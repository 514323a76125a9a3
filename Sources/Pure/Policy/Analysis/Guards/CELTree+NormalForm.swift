import InterlockPolicyCEL

extension CELTree {
    /// The expression as text that does not depend on spacing, quoting or parentheses; equal for equal
    /// trees. It is meant for comparison, not for display.
    func normalForm(of id: ID) -> String {
        func all(_ ids: [ID]) -> String { ids.map(normalForm).joined(separator: " ") }
        switch self[id].kind {
        case .literal(let value): return "\(value)"
        case .name(let name, let isRooted): return (isRooted ? "." : "") + name
        case .select(let operand, let field): return "(. \(all([operand])) \(field))"
        case .optionalSelect(let operand, let field): return "(.? \(all([operand])) \(field))"
        case .has(let operand, let field): return "(has \(all([operand])) \(field))"
        case .index(let operand, let key): return "(index \(all([operand, key])))"
        case .optionalIndex(let operand, let key): return "(index? \(all([operand, key])))"
        case .not(let operand): return "(! \(all([operand])))"
        case .negate(let operand): return "(- \(all([operand])))"
        case .binary(let sign, let left, let right): return "(\(sign) \(all([left, right])))"
        case .conditional(let condition, let yes, let no):
            return "(?: \(all([condition, yes, no])))"
        case .call(let name, let target, let arguments, let isRooted):
            let receiver = target.map { normalForm(of: $0) } ?? "-"
            return "(\(isRooted ? "." : "")\(name) \(receiver) \(all(arguments)))"
        case .list(let elements):
            return "[\(elements.map { optional($0.isOptional, $0.value) }.joined(separator: " "))]"
        case .map(let entries):
            let texts = entries.map {
                "\(normalForm(of: $0.key)): \(optional($0.isOptional, $0.value))"
            }
            return "{\(texts.joined(separator: " "))}"
        case .message(let name): return "(message \(name) \(self[id].offset))"
        case .comprehension(let macro):
            let parts = [macro.condition, macro.result].map { $0.map(normalForm) ?? "-" }
            let names = [macro.first, macro.second ?? "-"]
            return
                "(\(macro.macro) \(all([macro.range])) \((names + parts).joined(separator: " ")))"
        case .bind(let name, let value, let body): return "(bind \(name) \(all([value, body])))"
        case .optionalMap(let target, let name, let body, let isFlat):
            return "(optMap \(isFlat) \(name) \(all([target, body])))"
        }
    }

    private func optional(_ isOptional: Bool, _ id: ID) -> String {
        (isOptional ? "?" : "") + normalForm(of: id)
    }
}
