/// A macro over a list or map, with the names that the text uses for it.
struct ComprehensionMacro {
    let macro: CELNode.Comprehension.Macro
    /// True if the macro can have a variable for the index or key, and if it must have one.
    let takesTwo: Bool
    let needsTwo: Bool
    /// True if the last argument is the result for each element, with or without a condition before it.
    let hasResult: Bool
    let usage: String

    init?(_ name: String) {
        switch name {
        case "all": self.init(.all, "list.all(x, condition)", takesTwo: true)
        case "exists": self.init(.exists, "list.exists(x, condition)", takesTwo: true)
        case "exists_one", "existsOne":
            self.init(.existsOne, "list.existsOne(x, condition)", takesTwo: true)
        case "filter": self.init(.filter, "list.filter(x, condition)")
        case "map": self.init(.map, "list.map(x, result)", hasResult: true)
        case "transformList":
            self.init(.transformList, "list.transformList(i, x, result)", needsTwo: true)
        case "transformMap":
            self.init(.transformMap, "map.transformMap(k, v, result)", needsTwo: true)
        case "transformMapEntry":
            self.init(.transformMapEntry, "map.transformMapEntry(k, v, entry)", needsTwo: true)
        default: return nil
        }
    }

    private init(
        _ macro: CELNode.Comprehension.Macro, _ usage: String, takesTwo: Bool = false,
        needsTwo: Bool = false, hasResult: Bool = false
    ) {
        self.macro = macro
        self.usage = usage
        self.takesTwo = takesTwo || needsTwo
        self.needsTwo = needsTwo
        self.hasResult = hasResult || needsTwo
    }
}

extension ExpressionParser {
    mutating func comprehension(
        _ macro: ComprehensionMacro, over range: CELTree.ID, start: Int
    ) throws(CELProblem) -> CELTree.ID {
        guard openComprehensions < limits.comprehensions else {
            throw CELProblem(
                .tooLarge, at: start,
                "macros over lists nested deeper than \(limits.comprehensions) levels")
        }
        openComprehensions += 1
        defer { openComprehensions -= 1 }
        let usage = "it is written `\(macro.usage)`"
        try expect(.openParenthesis)
        let first = try variable(usage)
        var second: String?
        if macro.needsTwo || (macro.takesTwo && anotherVariableFollows) {
            let place = token.offset
            let name = try variable(usage)
            guard name != first else {
                throw CELProblem(.syntax, at: place, "the macro names `\(name)` twice")
            }
            second = name
        }
        var condition: CELTree.ID? = try expression()
        var result: CELTree.ID?
        if macro.hasResult {
            result = try take(.comma) ? try expression() : nil
            if result == nil { swap(&condition, &result) }
        }
        try close(usage)
        let node = CELNode.Comprehension(
            macro: macro.macro, range: range, first: first, second: second, condition: condition,
            result: result)
        return try builder.add(.comprehension(node), at: start)
    }

    /// Parses `has(a.b)`.
    mutating func presence(start: Int) throws(CELProblem) -> CELTree.ID {
        try expect(.openParenthesis)
        let place = token.offset
        let argument = try expression()
        let usage = "it is written `has(a.field)`"
        guard case .select(let operand, let field) = builder.tree[argument].kind else {
            throw CELProblem(.syntax, at: place, "`has` takes the field of a value", help: usage)
        }
        try close(usage)
        builder.discard(from: argument)
        return try builder.add(.has(operand, field: field), at: start)
    }

    /// Parses `cel.bind(x, value, body)`.
    mutating func binding(at start: Int) throws(CELProblem) -> CELTree.ID {
        let usage = "it is written `cel.bind(x, value, body)`"
        try expect(.openParenthesis)
        let name = try variable(usage)
        let value = try expression()
        guard try take(.comma) else { throw expected("`,`", help: usage) }
        let body = try expression()
        try close(usage)
        return try builder.add(.bind(name: name, value: value, body: body), at: start)
    }

    /// Parses `optional.optMap(x, body)` or `optFlatMap`.
    mutating func optionalMap(
        _ macro: String, on target: CELTree.ID, start: Int
    ) throws(CELProblem) -> CELTree.ID {
        let usage = "it is written `value.\(macro)(x, body)`"
        try expect(.openParenthesis)
        let name = try variable(usage)
        let body = try expression()
        try close(usage)
        return try builder.add(
            .optionalMap(target: target, name: name, body: body, isFlat: macro == "optFlatMap"),
            at: start)
    }

    /// Parses a variable and the comma after it: `x,`.
    private mutating func variable(_ usage: String) throws(CELProblem) -> String {
        guard case .identifier(let name) = token.kind, !reservedWords.contains(name) else {
            throw expected("the name of a variable", help: usage)
        }
        try advance()
        guard try take(.comma) else { throw expected("`,`", help: usage) }
        return name
    }

    private mutating func close(_ usage: String) throws(CELProblem) {
        guard try take(.closeParenthesis) else { throw expected("`)`", help: usage) }
    }

    /// True if a name and a comma come next. The last argument of a macro has no comma after it.
    private var anotherVariableFollows: Bool {
        guard case .identifier = token.kind else { return false }
        var ahead = lexer
        if let next = try? ahead.next(), case .symbol(.comma) = next.kind { return true }
        return false
    }
}
