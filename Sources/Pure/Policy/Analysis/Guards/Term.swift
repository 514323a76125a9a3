import InterlockModel
import InterlockPolicyCEL

/// An operand of a literal.
enum Term {
    case constant(CELValue)
    case place([String])
    /// `size()` of the value at a location.
    case size([String])
}

/// Reads terms from an expression tree.
struct TermReader {
    let tree: CELTree
    let context: GuardContext

    /// The variables that guards can use. Variables of macros occur only inside macros, which are not read.
    private static let variables: Set<String> = ["args", "now", "call", "agent"]

    /// Returns nil if the expression is not a term of the decidable subset.
    func term(_ id: CELTree.ID) -> Term? {
        switch tree[id].kind {
        case .literal(let value): return .constant(value)
        case .name(let name, _): return Self.variables.contains(name) ? place([name]) : nil
        case .select(let operand, let field): return place(operand, field)
        case .index(let operand, let key):
            guard case .literal(.string(let field)) = tree[key].kind else { return nil }
            return place(operand, field)
        case .negate(let operand): return term(operand).flatMap(negated)
        case .call("size", let target, let arguments, _):
            let operands = (target.map { [$0] } ?? []) + arguments
            return operands.count == 1 ? term(operands[0]).flatMap(size) : nil
        case .call("timestamp", nil, let arguments, _):
            guard arguments.count == 1, case .constant(.string(let text))? = term(arguments[0])
            else { return nil }
            return timestamp(text)
        default: return nil
        }
    }

    /// The elements of a constant list, or nil if the expression is not one.
    func constants(_ id: CELTree.ID) -> [CELValue]? {
        guard case .list(let elements) = tree[id].kind else { return nil }
        var values: [CELValue] = []
        for element in elements {
            guard !element.isOptional, case .constant(let value)? = term(element.value) else {
                return nil
            }
            values.append(value)
        }
        return values
    }

    /// The location of a field, or its constant if the context fixes the value. Returns nil if the operand
    /// is not a location.
    func place(_ operand: CELTree.ID, _ field: String) -> Term? {
        guard case .place(let names)? = term(operand) else { return nil }
        return place(names + [field])
    }

    private func place(_ names: [String]) -> Term? {
        if let text = context.constants[names.joined(separator: ".")], names.first != "args" {
            return .constant(.string(text))
        }
        return .place(names)
    }

    private func negated(_ term: Term) -> Term? {
        switch term {
        case .constant(.int(let number)) where number != .min: .constant(.int(-number))
        case .constant(.double(let number)): .constant(.double(-number))
        default: nil
        }
    }

    private func size(_ term: Term) -> Term? {
        switch term {
        case .place(let names): .size(names)
        case .constant(.string(let text)): .constant(.int(Int64(text.unicodeScalars.count)))
        default: nil
        }
    }

    private func timestamp(_ text: String) -> Term? {
        guard let time = Timestamp(rfc3339: text) else { return nil }
        let (whole, part) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let seconds = part < 0 ? whole - 1 : whole
        let rest = part < 0 ? part + 1_000_000 : part
        return .constant(
            .timestamp(CELTimestamp(seconds: seconds, nanoseconds: Int32(rest * 1000))))
    }
}

extension CELTimestamp {
    /// The time in milliseconds, the unit of `now`; inexact if it falls between two of them.
    var milliseconds: ConstantNumber {
        let whole = seconds * 1000 + Int64(nanoseconds / 1_000_000)
        let isExact = nanoseconds % 1_000_000 == 0
        return ConstantNumber(below: Double(whole), above: Double(isExact ? whole : whole + 1))
    }
}
