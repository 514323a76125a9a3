import InterlockModel

extension CELCompiler {
    mutating func call(
        _ name: String, _ reference: CELResolution.Reference?, _ target: Int?, _ arguments: [Int]
    ) throws(CELProblem) -> CELInstruction {
        let place: Int
        let operands: [Int]
        switch reference {
        case .function(let function):
            place = function
            operands = (target.map { [$0] } ?? []) + arguments
        case .qualifiedFunction(let function):
            place = function
            operands = arguments
        case .variable, .local, .type, nil: return fault(.undeclared, name)
        }
        let function = environment.library.functions[place]
        if operands.count == 2 {
            if function.ofPattern != nil {
                let pattern = try pattern(operands[1])
                return .matches(function: add(function), operands[0], pattern: pattern)
            }
            if function.ofZone != nil {
                let zone = try zone(operands[1])
                return .inZone(function: add(function), operands[0], zone: zone)
            }
        }
        return constantCall(function, operands) ?? plainCall(function, operands)
    }

    private mutating func plainCall(_ function: CELFunction, _ operands: [Int]) -> CELInstruction {
        let place = add(function)
        if function.unary != nil, operands.count == 1 {
            return .callOfOne(function: place, operands[0])
        }
        if function.isAlternative, operands.count == 2 {
            return .alternative(function: place, operands[0], operands[1])
        }
        if function.binary != nil, operands.count == 2 {
            return .callOfTwo(function: place, operands[0], operands[1])
        }
        tables.operands.append(operands)
        return .call(function: place, operands: tables.operands.count - 1)
    }

    /// Evaluates a call with constant arguments. Functions depend only on their arguments:
    /// `timestamp('2027-01-01T00:00:00Z')` is a constant. Returns nil if an argument is not constant or the
    /// evaluation fails.
    private mutating func constantCall(
        _ function: CELFunction, _ operands: [Int]
    ) -> CELInstruction? {
        let arguments = operands.compactMap { constant(at: $0) }
        guard arguments.count == operands.count else { return nil }
        return folded { budget throws(CELFault) in try function.body(arguments, &budget) }
    }

    private mutating func add(_ function: CELFunction) -> Int {
        tables.functions.append(function)
        return tables.functions.count - 1
    }

    private mutating func pattern(_ operand: Int) throws(CELProblem) -> Int {
        let offset = tree[operand].offset
        guard case .string(let text)? = constant(at: operand) else {
            throw CELProblem(.pattern, at: offset, "the pattern of `matches` is no constant string")
        }
        do {
            let matcher = try environment.patterns.compile(text)
            tables.patterns.append(CELPattern(matcher, byteCount: text.utf8.count))
        } catch {
            throw CELProblem(.pattern, at: offset, "pattern `\(text)`: \(error.message)")
        }
        return tables.patterns.count - 1
    }

    private mutating func zone(_ operand: Int) throws(CELProblem) -> Int {
        let offset = tree[operand].offset
        guard case .string(let text)? = constant(at: operand) else {
            throw CELProblem(.zone, at: offset, "the time zone is no constant string")
        }
        guard let zone = ZoneRules(offsetText: text) ?? environment.zones.zone(named: text) else {
            throw CELProblem(
                .zone, at: offset, "no time zone `\(text)`",
                help: environment.zones.nearestZone(to: text)
                    ?? "write a name such as `Europe/Berlin` or an offset such as `+02:00`")
        }
        tables.zones.append(zone)
        return tables.zones.count - 1
    }
}
