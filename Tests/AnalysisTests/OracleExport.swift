import Glibc
import InterlockJSON
import InterlockModel
import InterlockPolicyCEL
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Random guards with the results of the analysis, for another engine to verify (`Tests/Oracles/test_guards.py`). Runs
/// only if INTERLOCK_ORACLE_OUT names a file.
@Suite(.enabled(if: oracleFile != nil)) struct `Guards for the oracle` {
    private static let pairs = 300
    /// The number of inputs per guard.
    private static let points = 9

    @Test func `are written with the answers of the analysis`() throws {
        var maker = GuardMaker(random: .announced())
        var lines: [String] = []
        for _ in 0..<Self.pairs {
            let left = maker.guardText()
            let right = maker.guardText()
            // The inputs that make the first guard true and the second not; the first implies the second if this set is
            // empty.
            let a = try GuardJudge(left)
            let b = try GuardJudge(right)
            let apart = try a.truth.isTrue.intersection(b.truth.isNotTrue)
            let failing = a.truth.isError
            let points = (0..<Self.points).map { _ in maker.input() }
            lines.append(
                text([
                    "left": .string(left), "right": .string(right),
                    "left_tree": try tree(left), "right_tree": try tree(right),
                    "true_and_not_true": answer(apart), "error": answer(failing),
                    "left_points": try regions(of: points, a),
                    "right_points": try regions(of: points, b),
                ]))
        }
        write(lines.joined(separator: "\n") + "\n", to: try #require(oracleFile))
    }

    private func answer(_ region: Region) -> JSONValue {
        switch region.emptiness(in: .untyped, prefer: exampleTime) {
        case .empty: "empty"
        case .input: "inhabited"
        case .open: "open"
        }
    }

    /// Each input with the only region that contains it.
    private func regions(of points: [CallInput], _ judge: GuardJudge) throws -> JSONValue {
        let truth = judge.truth
        return .array(
            try points.map { input in
                let holding = [
                    ("true", truth.isTrue), ("false", truth.isFalse), ("error", truth.isError),
                ].filter { $0.1.contains(input) }.map(\.0)
                try #require(holding.count == 1)
                return [
                    "args": .object(input.arguments),
                    "now_ms": .integer(input.now.microseconds / 1000),
                    "answer": .string(holding[0]),
                ]
            })
    }

    private func tree(_ text: String) throws -> JSONValue {
        let tree = try CELParser.parse(text, limits: .engine)
        return exported(tree, tree.root)
    }

    private func text(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}

private let oracleFile = unsafe getenv("INTERLOCK_ORACLE_OUT").map { unsafe String(cString: $0) }

private func write(_ text: String, to path: String) {
    guard let file = unsafe fopen(path, "w") else {
        Issue.record("`\(path)` cannot be written")
        return
    }
    defer { unsafe fclose(file) }
    let code = unsafe fputs(text, file)
    #expect(code >= 0)
}

/// The nodes that `GuardMaker` makes, as lists: the name of the node, then its parts.
private func exported(_ tree: CELTree, _ id: CELTree.ID) -> JSONValue {
    func node(_ name: String, _ parts: JSONValue...) -> JSONValue {
        .array([.string(name)] + parts)
    }
    func below(_ id: CELTree.ID) -> JSONValue { exported(tree, id) }
    switch tree[id].kind {
    case .literal(let value): return literal(value)
    case .name(let name, _): return node("name", .string(name))
    case .select(let operand, let field): return node("select", below(operand), .string(field))
    case .has(let operand, let field): return node("has", below(operand), .string(field))
    case .index(let operand, let key): return node("index", below(operand), below(key))
    case .not(let operand): return node("not", below(operand))
    case .negate(let operand): return node("negate", below(operand))
    case .binary(let sign, let left, let right):
        return node(sign.rawValue, below(left), below(right))
    case .conditional(let condition, let yes, let no):
        return node("if", below(condition), below(yes), below(no))
    case .call(let name, let target, let arguments, _):
        let operands = (target.map { [$0] } ?? []) + arguments
        return .array([.string(name)] + operands.map(below))
    case .list(let elements): return node("list", .array(elements.map { below($0.value) }))
    default: return node("unknown")
    }
}

private func literal(_ value: CELValue) -> JSONValue {
    switch value {
    case .null: ["null"]
    case .bool(let flag): ["bool", .bool(flag)]
    case .int(let number): ["number", .string("\(number)")]
    case .uint(let number): ["number", .string("\(number)")]
    case .double(let number): ["number", .string("\(number)")]
    case .string(let text): ["string", .string(text)]
    default: ["unknown"]
    }
}
