import InterlockPolicy
import InterlockPolicyCEL

/// A tree on one line, for comparison in tests: `(_+_ 1 (select a "b"))`.
func outline(_ text: String, limits: CELLimits = .engine) throws(CELProblem) -> String {
    let tree = try CELParser.parse(text, limits: limits)
    return tree.outline(of: tree.root)
}

extension CELTree {
    func outline(of id: ID) -> String {
        func all(_ ids: [ID]) -> String { ids.map { " " + outline(of: $0) }.joined() }
        return switch self[id].kind {
        case .literal(let value): value.outline
        case .name(let name, let isRooted): isRooted ? "." + name : name
        case .select(let operand, let field): "(select \(outline(of: operand)) `\(field)`)"
        case .optionalSelect(let operand, let field):
            "(optionalSelect \(outline(of: operand)) `\(field)`)"
        case .has(let operand, let field): "(has \(outline(of: operand)) `\(field)`)"
        case .index(let a, let b): "(index\(all([a, b])))"
        case .optionalIndex(let a, let b): "(optionalIndex\(all([a, b])))"
        case .not(let a): "(not\(all([a])))"
        case .negate(let a): "(negate\(all([a])))"
        case .binary(let operation, let a, let b): "(\(operation)\(all([a, b])))"
        case .conditional(let a, let b, let c): "(if\(all([a, b, c])))"
        case .call(let name, let target, let arguments, let isRooted):
            "(call \(isRooted ? "." : "")\(name)"
                + (target.map { " on\(all([$0]))" } ?? "") + all(arguments) + ")"
        case .list(let elements):
            "["
                + elements.map { ($0.isOptional ? "?" : "") + outline(of: $0.value) }
                .joined(separator: " ") + "]"
        case .map(let entries):
            "{"
                + entries.map {
                    ($0.isOptional ? "?" : "") + outline(of: $0.key) + ":" + outline(of: $0.value)
                }.joined(separator: " ") + "}"
        case .message(let name): "(message \(name))"
        case .comprehension(let macro):
            "(\(macro.macro)\(all([macro.range])) \(macro.first)"
                + (macro.second.map { " " + $0 } ?? "")
                + (macro.condition.map { " if\(all([$0]))" } ?? "")
                + (macro.result.map { " give\(all([$0]))" } ?? "") + ")"
        case .bind(let name, let value, let body): "(bind \(name)\(all([value, body])))"
        case .optionalMap(let target, let name, let body, let isFlat):
            "(\(isFlat ? "optFlatMap" : "optMap")\(all([target])) \(name)\(all([body])))"
        }
    }
}

extension CELValue {
    fileprivate var outline: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)u"
        case .double(let value): "\(value)d"
        case .string(let value): "'\(value)'"
        case .bytes(let value): "b\(value)"
        default: "?"
        }
    }
}

/// The problem of a text, or nil if it is valid.
func problem(_ text: String, limits: CELLimits = .engine) -> CELProblem? {
    do throws(CELProblem) {
        _ = try CELParser.parse(text, limits: limits)
        return nil
    } catch {
        return error
    }
}
