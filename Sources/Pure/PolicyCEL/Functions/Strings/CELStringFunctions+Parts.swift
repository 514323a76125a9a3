/// Functions that replace, split and join texts.
extension CELStringFunctions {
    /// Replaces at most as many occurrences as the last argument states; a negative number means all. An
    /// empty text is replaced before each code point and at the end.
    static let replace: CELFunction.Body = { arguments, budget throws(CELFault) in
        let text = try CodePoints(arguments[0].string(), &budget)
        let wanted = try arguments[1].string()
        let replacement = Array(try arguments[2].string().utf8)
        let limit = try limit(arguments, at: 3)
        let places = try places(of: wanted, in: text, limit: limit, &budget)
        var output = CELTextBuilder()
        var copied = 0
        for place in places {
            try output.append(text.bytes[copied..<place], &budget)
            try output.append(replacement[...], &budget)
            copied = place + wanted.utf8.count
        }
        try output.append(text.bytes[copied...], &budget)
        return .string(output.text)
    }

    /// Splits into at most as many parts as the last argument states, the last of which is the whole rest;
    /// a negative number means all. An empty separator gives the code points.
    static let split: CELFunction.Body = { arguments, budget throws(CELFault) in
        let text = try CodePoints(arguments[0].string(), &budget)
        let separator = try arguments[1].string()
        let limit = try limit(arguments, at: 2)
        guard limit > 0 else { return .list(.values([])) }
        var places = try places(of: separator, in: text, limit: limit, &budget)
        if separator.isEmpty {
            guard text.count > 0 else { return .list(.values([])) }
            // Neither the beginning nor the end separates parts.
            places = Array(places.dropFirst().filter { $0 < text.bytes.count })
        }
        places = Array(places.prefix(limit - 1))
        try budget.spend(places.count + 1)
        var parts: [CELValue] = []
        parts.reserveCapacity(places.count + 1)
        var start = 0
        for place in places {
            parts.append(.string(String(decoding: text.bytes[start..<place], as: UTF8.self)))
            start = place + separator.utf8.count
        }
        parts.append(.string(String(decoding: text.bytes[start...], as: UTF8.self)))
        return .list(.values(parts))
    }

    static let join: CELFunction.Body = { arguments, budget throws(CELFault) in
        let list = try arguments[0].list()
        let separator = Array(arguments.count > 1 ? try arguments[1].string().utf8 : "".utf8)
        var output = CELTextBuilder()
        for place in 0..<list.count {
            try budget.spend()
            guard case .string(let part) = list[place] else {
                throw CELFault(.noSuchOverload, list[place].typeName)
            }
            if place > 0 { try output.append(separator[...], &budget) }
            try output.append(part, &budget)
        }
        return .string(output.text)
    }

    /// The value of a limit, which is `Int.max` if the argument is negative or omitted.
    private static func limit(_ arguments: [CELValue], at place: Int) throws(CELFault) -> Int {
        guard arguments.count > place else { return .max }
        let number = try arguments[place].int()
        return number < 0 ? .max : Int(clamping: number)
    }

    /// The byte offsets at which a text occurs in another without overlap. An empty text occurs before each
    /// code point and at the end.
    private static func places(
        of wanted: String, in text: CodePoints, limit: Int, _ budget: inout CELBudget
    ) throws(CELFault) -> [Int] {
        guard !wanted.isEmpty else {
            let all = text.bytes.indices.filter { CodePoints.isFirst(text.bytes[$0]) }
            return Array((all + [text.bytes.count]).prefix(limit))
        }
        try budget.spend(bytes: wanted.utf8.count)
        return TextSearch(wanted.utf8.span).all(in: text.bytes.span, limit: limit)
    }
}
