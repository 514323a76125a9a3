extension ExpressionParser {
    /// Parses a literal, name, call, list, map, or an expression in parentheses.
    ///
    /// - Parameter path: set if the expression is a plain name.
    mutating func primary(_ path: inout NamePath?) throws(CELProblem) -> CELTree.ID {
        let start = token.offset
        switch token.kind {
        case .literal(let value):
            try advance()
            return try builder.add(.literal(value), at: start)
        case .integer(let magnitude):
            guard let value = Int64(exactly: magnitude) else {
                throw CELProblem(.syntax, at: start, "the number is beyond the range of int")
            }
            try advance()
            return try builder.add(.literal(.int(value)), at: start)
        case .identifier: return try name(isRooted: false, start: start, &path)
        case .symbol(.dot):
            try advance()
            return try name(isRooted: true, start: start, &path)
        case .symbol(.openParenthesis):
            try advance()
            let value = try expression()
            try expect(.closeParenthesis)
            return value
        case .symbol(.openBracket): return try list(start: start)
        case .symbol(.openBrace): return try map(start: start)
        case .end, .quotedField, .symbol: throw expected("a value")
        }
    }

    /// Parses the number after a minus sign, which can be one larger than without the sign. Returns nil if
    /// the next token is not a number.
    mutating func negativeNumber(signAt sign: Int?) throws(CELProblem) -> CELTree.ID? {
        guard let sign else { return nil }
        let value: CELValue
        switch token.kind {
        case .integer(let magnitude):
            guard magnitude <= Int64.min.magnitude else {
                throw CELProblem(.syntax, at: sign, "the number is beyond the range of int")
            }
            value = .int(Int64(truncatingIfNeeded: 0 &- magnitude))
        case .literal(.double(let magnitude)): value = .double(-magnitude)
        default: return nil
        }
        try advance()
        return try members(of: try builder.add(.literal(value), at: sign))
    }

    private mutating func name(
        isRooted: Bool, start: Int, _ path: inout NamePath?
    ) throws(CELProblem) -> CELTree.ID {
        guard case .identifier(let name) = token.kind else { throw expected("a name") }
        guard !reservedWords.contains(name) else {
            throw CELProblem(
                .syntax, at: token.offset, "`\(name)` is a reserved word and names no variable")
        }
        try advance()
        if at(.openParenthesis) {
            if name == "has", !isRooted { return try presence(start: start) }
            let arguments = try arguments()
            return try builder.add(
                .call(name, target: nil, arguments: arguments, isRooted: isRooted), at: start)
        }
        path = NamePath(isRooted ? "." + name : name, firstNode: builder.count)
        return try builder.add(.name(name, isRooted: isRooted), at: start)
    }

    /// Parses `[a, ?b]`.
    private mutating func list(start: Int) throws(CELProblem) -> CELTree.ID {
        try advance()
        var elements: [CELNode.Element] = []
        while !at(.closeBracket) {
            let isOptional = try take(.question)
            elements.append(.init(value: try expression(), isOptional: isOptional))
            guard try take(.comma) else { break }
        }
        guard try take(.closeBracket) else { throw expected("`,` or `]`") }
        return try builder.add(.list(elements), at: start)
    }

    /// Parses `{k: v, ?k: v}`.
    private mutating func map(start: Int) throws(CELProblem) -> CELTree.ID {
        try advance()
        var entries: [CELNode.Entry] = []
        while !at(.closeBrace) {
            let isOptional = try take(.question)
            let key = try expression()
            try expect(.colon)
            entries.append(.init(key: key, value: try expression(), isOptional: isOptional))
            guard try take(.comma) else { break }
        }
        guard try take(.closeBrace) else { throw expected("`,` or `}`") }
        return try builder.add(.map(entries), at: start)
    }

    /// Parses `a.B{field: value, ?field: value}`. This engine supports no messages, so only the type is
    /// kept.
    mutating func message(_ path: NamePath, at start: Int) throws(CELProblem) -> CELTree.ID {
        try advance()
        while !at(.closeBrace) {
            _ = try take(.question)
            _ = try fieldName()
            try expect(.colon)
            _ = try expression()
            guard try take(.comma) else { break }
        }
        guard try take(.closeBrace) else { throw expected("`,` or `}`") }
        builder.discard(from: path.firstNode)
        return try builder.add(.message(path.name), at: start)
    }
}
