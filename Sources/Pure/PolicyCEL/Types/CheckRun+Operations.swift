extension CheckRun {
    /// The result of an operation: that of the only overload that accepts the operands, or dyn if several
    /// with different results do.
    mutating func apply(
        _ overloads: [CELOverload], _ name: String, to operands: [CELTree.ID], _ id: CELTree.ID
    ) -> CELType {
        if let result = result(of: overloads, operands) { return result }
        let given = operands.map { text($0) }.joined(separator: ", ")
        let expected = overloads.filter { $0.parameters.count == operands.count }
        let help =
            absence(among: operands)
            ?? (expected.count == 1 ? expectation(expected[0].parameters) : nil)
        return refused(.noOverload, id, "`\(name)` does not take (\(given))", help: help)
    }

    mutating func negation(_ operand: CELTree.ID, _ id: CELTree.ID) -> CELType {
        if known(operand).isNumber { return arithmetic(onNumber: operand) }
        return apply(CELOperators.negate, "-", to: [operand], id)
    }

    mutating func binary(
        _ operation: CELOperator, _ left: CELTree.ID, _ right: CELTree.ID, _ id: CELTree.ID
    ) -> CELType {
        switch operation {
        case .and, .or:
            for operand in [left, right] where !substitution.accepts(types[operand], as: .bool) {
                _ = refused(
                    .noOverload, operand, "`\(operation.sign)` does not take \(text(operand))")
            }
            return .bool
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in:
            return comparison(operation, left, right)
        case .add, .subtract, .multiply, .divide, .modulo:
            for operand in [left, right] where known(operand).isNumber {
                return arithmetic(onNumber: operand)
            }
            return apply(
                CELOperators.overloads(of: operation), operation.sign, to: [left, right], id)
        }
    }

    private mutating func comparison(
        _ operation: CELOperator, _ left: CELTree.ID, _ right: CELTree.ID
    ) -> CELType {
        let sides = [known(left), known(right)]
        // `number` is comparable with values of any numeric kind.
        if operation != .in, sides.contains(where: \.isNumber), sides.allSatisfy(\.isNumeric) {
            return .bool
        }
        if result(of: CELOperators.overloads(of: operation), [left, right]) != nil { return .bool }
        let message =
            operation == .in
            ? "`in` does not find \(named(left)) in \(named(right))"
            : "comparison of \(named(left)) with \(named(right))"
        let first = CELPath.text(of: left, in: tree) == nil ? right : left
        let place = CELPath.text(of: first, in: tree) == nil ? left : first
        _ = refused(.comparison, place, message, help: absence(among: [left, right]))
        return .bool
    }

    private mutating func arithmetic(onNumber operand: CELTree.ID) -> CELType {
        let path = CELPath.text(of: operand, in: tree)
        return refused(
            .arithmeticOnNumber, operand,
            "arithmetic on \(named(operand)), which may be int or double",
            help: "write `double(\(path ?? "..."))`")
    }

    private mutating func result(
        of overloads: [CELOverload], _ operands: [CELTree.ID]
    ) -> CELType? {
        let given = operands.map { types[$0] }
        var result: CELType?
        for overload in overloads where overload.parameters.count == given.count {
            let instance = substitution.instance(of: overload)
            guard substitution.accepts(given, as: instance.parameters) else { continue }
            let type = substitution.applied(to: instance.result)
            result = result.map { $0 == type ? $0 : .dyn } ?? type
        }
        return result
    }

    /// The advice for an operand that may be missing, which `.?` makes an optional value, or nil if none may.
    private mutating func absence(among operands: [CELTree.ID]) -> String? {
        for operand in operands {
            guard case .optional = known(operand) else { continue }
            guard case .optionalSelect(let target, let field) = tree[operand].kind,
                let path = CELPath.text(of: target, in: tree)
            else { return "the value may be missing: take it with `.orValue(...)`" }
            return "`\(path).\(field)` may be missing: ask `has(\(path).\(field))` first and write "
                + "`\(path).\(field)`, or add `.orValue(...)`"
        }
        return nil
    }

    /// The type of an operand, followed by its path: ``string `args.currency` ``.
    private mutating func named(_ id: CELTree.ID) -> String {
        let path = CELPath.text(of: id, in: tree).map { " `\($0)`" } ?? ""
        return text(id) + path
    }

    /// The expected parameters, or nil if parameters of the signature would need an explanation themselves.
    private func expectation(_ parameters: [CELType]) -> String? {
        let isPlain = parameters.allSatisfy { if case .parameter = $0 { false } else { true } }
        return isPlain ? "it takes (\(parameters.map(\.text).joined(separator: ", ")))" : nil
    }
}

extension CELOperator {
    /// The operator as written: `&&`, `in`.
    var sign: String { String(rawValue.drop { $0 == "_" || $0 == "@" }.prefix { $0 != "_" }) }
}
