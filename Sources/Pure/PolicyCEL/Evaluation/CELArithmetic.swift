import InterlockJSON

/// `+`, `-`, `*`, `/` and `%`. Operands must be of one kind, except for times and durations.
enum CELArithmetic {
    case add, subtract, multiply, divide, modulo

    /// - Throws: `overflow`, `divide_by_zero` or `no_such_overload`; `range` for times; `budget` for joined
    ///   values.
    func apply(
        _ a: CELValue, _ b: CELValue, _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        switch (a, b) {
        case (.int(let a), .int(let b)): .int(try whole(a, b))
        case (.uint(let a), .uint(let b)): .uint(try whole(a, b))
        case (.double(let a), .double(let b)): .double(try real(a, b))
        default:
            switch self {
            case .add: try join(a, b, &budget)
            case .subtract: try difference(a, b)
            case .multiply, .divide, .modulo: throw CELFault(.noSuchOverload)
            }
        }
    }

    static func negate(_ value: CELValue) throws(CELFault) -> CELValue {
        switch value {
        case .int(let int):
            guard int != .min else { throw CELFault(.overflow) }
            return .int(-int)
        case .double(let double): return .double(-double)
        default: throw CELFault(.noSuchOverload)
        }
    }

    private func whole<T: FixedWidthInteger>(_ a: T, _ b: T) throws(CELFault) -> T {
        let result: (partialValue: T, overflow: Bool)
        switch self {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide:
            guard b != 0 else { throw CELFault(.divideByZero) }
            result = a.dividedReportingOverflow(by: b)
        case .modulo:
            guard b != 0 else { throw CELFault(.divideByZero) }
            result = a.remainderReportingOverflow(dividingBy: b)
        }
        guard !result.overflow else { throw CELFault(.overflow) }
        return result.partialValue
    }

    /// IEEE 754 arithmetic, with infinities and NaN; there is no remainder.
    private func real(_ a: Double, _ b: Double) throws(CELFault) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .modulo: throw CELFault(.noSuchOverload)
        }
    }

    private func join(
        _ a: CELValue, _ b: CELValue, _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        switch (a, b) {
        case (.string(let a), .string(let b)):
            try budget.spend(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.bytes(let a), .bytes(let b)):
            try budget.spend(bytes: a.count + b.count)
            return .bytes(a + b)
        case (.list(let a), .list(let b)):
            try budget.spend(a.count + b.count)
            return .list(.values(a.values + b.values))
        case (.timestamp(let time), .duration(let duration)),
            (.duration(let duration), .timestamp(let time)):
            return .timestamp(try time + duration)
        case (.duration(let a), .duration(let b)): return .duration(try a + b)
        default: throw CELFault(.noSuchOverload)
        }
    }

    private func difference(_ a: CELValue, _ b: CELValue) throws(CELFault) -> CELValue {
        switch (a, b) {
        case (.timestamp(let a), .timestamp(let b)): .duration(try a - b)
        case (.timestamp(let time), .duration(let duration)): .timestamp(try time - duration)
        case (.duration(let a), .duration(let b)): .duration(try a - b)
        default: throw CELFault(.noSuchOverload)
        }
    }
}

extension CELList {
    /// All elements, converted to CEL values.
    var values: [CELValue] {
        switch self {
        case .values(let values): values
        case .json(let values): values.map { CELValue($0) }
        }
    }
}
