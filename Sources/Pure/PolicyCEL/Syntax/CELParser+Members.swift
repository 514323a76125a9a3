extension ExpressionParser {
    /// Parses a value and the fields, indexes and calls that follow it.
    mutating func member() throws(CELProblem) -> CELTree.ID {
        var path: NamePath?
        let first = try primary(&path)
        return try members(of: first, path)
    }

    mutating func members(
        of first: CELTree.ID, _ firstPath: NamePath? = nil
    ) throws(CELProblem) -> CELTree.ID {
        var value = first
        var path = firstPath
        let start = offset(of: first)
        while case .symbol(let symbol) = token.kind {
            switch symbol {
            case .dot:
                try advance()
                value = try selection(from: value, &path, start: start)
            case .openBracket:
                path = nil
                try advance()
                let isOptional = try take(.question)
                let index = try expression()
                try expect(.closeBracket)
                value = try builder.add(
                    isOptional ? .optionalIndex(value, index) : .index(value, index), at: start)
            case .openBrace:
                guard let name = path else { return value }
                path = nil
                value = try message(name, at: start)
            default: return value
            }
        }
        return value
    }

    /// Parses the field or call after a dot.
    private mutating func selection(
        from operand: CELTree.ID, _ path: inout NamePath?, start: Int
    ) throws(CELProblem) -> CELTree.ID {
        if try take(.question) {
            path = nil
            return try builder.add(.optionalSelect(operand, field: try fieldName()), at: start)
        }
        let isQuoted = if case .quotedField = token.kind { true } else { false }
        let nameOffset = token.offset
        let name = try fieldName()
        if !isQuoted, at(.openParenthesis) {
            let namespace = path?.name
            path = nil
            return try receiverCall(
                name, at: nameOffset, on: operand, namespace: namespace, start: start)
        }
        path = isQuoted ? nil : path?.appending(name)
        return try builder.add(.select(operand, field: name), at: start)
    }

    private mutating func receiverCall(
        _ name: String, at nameOffset: Int, on target: CELTree.ID, namespace: String?, start: Int
    ) throws(CELProblem) -> CELTree.ID {
        if namespace == "cel", name == "bind" {
            builder.discard(from: target)
            return try binding(at: start)
        }
        if let macro = ComprehensionMacro(name) {
            return try comprehension(macro, over: target, start: start)
        }
        if name == "optMap" || name == "optFlatMap" {
            return try optionalMap(name, on: target, start: start)
        }
        let arguments = try arguments()
        return try builder.add(
            .call(name, target: target, arguments: arguments, isRooted: false), at: start)
    }

    /// Parses `(a, b)`.
    mutating func arguments() throws(CELProblem) -> [CELTree.ID] {
        try expect(.openParenthesis)
        guard try !take(.closeParenthesis) else { return [] }
        var arguments = [try expression()]
        while try take(.comma) { arguments.append(try expression()) }
        guard try take(.closeParenthesis) else { throw expected("`,` or `)`") }
        return arguments
    }

    /// Parses a field's name. Reserved words are valid names of fields.
    mutating func fieldName() throws(CELProblem) -> String {
        switch token.kind {
        case .identifier(let name), .quotedField(let name):
            try advance()
            return name
        default: throw expected("a field name")
        }
    }
}

/// A chain of plain names, `a.b.c`, which may turn out to be the type of a message or a namespace.
struct NamePath {
    private(set) var name: String
    /// The first node of the chain, which consists of all nodes from here on.
    let firstNode: CELTree.ID

    init(_ name: String, firstNode: CELTree.ID) {
        self.name = name
        self.firstNode = firstNode
    }

    func appending(_ field: String) -> NamePath {
        NamePath(name + "." + field, firstNode: firstNode)
    }
}
