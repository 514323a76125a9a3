/// Parses the text of an expression (cel-spec, the language definition's grammar), and turns macros into
/// nodes of their own. No token is read twice, except for the one after a macro's first variable.
package enum CELParser {
    /// - Throws: `syntax`, or `tooLarge` before more is read or built than the limits allow.
    package static func parse(
        _ text: String, limits: CELLimits = .engine
    ) throws(CELProblem) -> CELTree {
        guard text.utf8.count <= limits.bytes else {
            throw CELProblem(.tooLarge, at: 0, "the text has more than \(limits.bytes) bytes")
        }
        var parser = try ExpressionParser(text, limits: limits)
        let root = try parser.expression()
        guard case .end = parser.token.kind else { throw parser.expected("an operator or the end") }
        return parser.builder.finish(root: root)
    }
}

/// The state of the parser in a text, with one token read ahead.
struct ExpressionParser {
    private(set) var lexer: CELLexer
    private(set) var token: CELToken
    var builder: CELTreeBuilder
    let limits: CELLimits
    private var nesting = 0
    /// The number of macros whose bodies are open.
    var openComprehensions = 0

    init(_ text: String, limits: CELLimits) throws(CELProblem) {
        lexer = CELLexer(text)
        token = try lexer.next()
        builder = CELTreeBuilder(text, limits: limits)
        self.limits = limits
    }

    /// Parses `condition ? then : otherwise`, or an expression that binds tighter.
    mutating func expression() throws(CELProblem) -> CELTree.ID {
        guard nesting < limits.nesting else {
            throw CELProblem(
                .tooLarge, at: token.offset, "nested deeper than \(limits.nesting) levels")
        }
        nesting += 1
        defer { nesting -= 1 }
        let condition = try operation(.or)
        guard try take(.question) else { return condition }
        let then = try operation(.or)
        try expect(.colon)
        let otherwise = try expression()
        return try builder.add(
            .conditional(condition, then: then, otherwise: otherwise), at: offset(of: condition))
    }

    private mutating func operation(_ weakest: Precedence) throws(CELProblem) -> CELTree.ID {
        var left = try unary()
        while let (operation, precedence) = binaryOperator, precedence >= weakest {
            let tighter = precedence.next
            if operation == .and || operation == .or {
                var operands = [left]
                while let (next, _) = binaryOperator, next == operation {
                    try advance()
                    operands.append(try self.tighter(tighter))
                }
                left = try balanced(operation, operands[...])
            } else {
                try advance()
                let right = try self.tighter(tighter)
                left = try builder.add(.binary(operation, left, right), at: offset(of: left))
            }
        }
        return left
    }

    private mutating func tighter(_ precedence: Precedence?) throws(CELProblem) -> CELTree.ID {
        if let precedence { try operation(precedence) } else { try unary() }
    }

    /// Builds a balanced tree: `&&` and `||` are associative, so a chain of n need not be n levels deep.
    private mutating func balanced(
        _ operation: CELOperator, _ operands: ArraySlice<CELTree.ID>
    ) throws(CELProblem) -> CELTree.ID {
        guard operands.count > 1 else { return operands[operands.startIndex] }
        let middle = operands.startIndex + (operands.count + 1) / 2
        let left = try balanced(operation, operands[..<middle])
        let right = try balanced(operation, operands[middle...])
        return try builder.add(.binary(operation, left, right), at: offset(of: left))
    }

    /// Parses `!!a`, `--a` or `-1`; the two signs cannot be mixed.
    private mutating func unary() throws(CELProblem) -> CELTree.ID {
        let isNot: Bool
        switch token.kind {
        case .symbol(.not): isNot = true
        case .symbol(.minus): isNot = false
        default: return try member()
        }
        var signs: [Int] = []
        while case .symbol(let symbol) = token.kind, symbol == (isNot ? .not : .minus) {
            signs.append(token.offset)
            try advance()
        }
        var value: CELTree.ID
        if !isNot, let number = try negativeNumber(signAt: signs.last) {
            signs.removeLast()
            value = number
        } else {
            value = try member()
        }
        for offset in signs.reversed() {
            value = try builder.add(isNot ? .not(value) : .negate(value), at: offset)
        }
        return value
    }

    // MARK: Tokens

    mutating func advance() throws(CELProblem) { token = try lexer.next() }

    func at(_ symbol: CELSymbol) -> Bool {
        if case .symbol(let here) = token.kind { here == symbol } else { false }
    }

    mutating func take(_ symbol: CELSymbol) throws(CELProblem) -> Bool {
        guard at(symbol) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: CELSymbol) throws(CELProblem) {
        guard try take(symbol) else { throw expected("`\(symbol.rawValue)`") }
    }

    func expected(_ what: String, help: String? = nil) -> CELProblem {
        CELProblem(
            .syntax, at: token.offset, "expected \(what), found \(token.description)", help: help)
    }

    func offset(of node: CELTree.ID) -> Int { builder.tree[node].offset }

    private var binaryOperator: (CELOperator, Precedence)? {
        guard case .symbol(let symbol) = token.kind else { return nil }
        return switch symbol {
        case .or: (.or, .or)
        case .and: (.and, .and)
        case .equal: (.equal, .relation)
        case .notEqual: (.notEqual, .relation)
        case .less: (.less, .relation)
        case .lessEqual: (.lessEqual, .relation)
        case .greater: (.greater, .relation)
        case .greaterEqual: (.greaterEqual, .relation)
        case .in: (.in, .relation)
        case .plus: (.add, .addition)
        case .minus: (.subtract, .addition)
        case .times: (.multiply, .multiplication)
        case .divide: (.divide, .multiplication)
        case .modulo: (.modulo, .multiplication)
        default: nil
        }
    }
}

/// The levels of precedence, from the weakest binding to the tightest; all associate to the left.
private enum Precedence: Int, Comparable {
    case or, and, relation, addition, multiplication

    var next: Precedence? { Precedence(rawValue: rawValue + 1) }
    static func < (a: Precedence, b: Precedence) -> Bool { a.rawValue < b.rawValue }
}
