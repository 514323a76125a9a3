import InterlockJSON

extension CELFormat {
    /// The maximum nesting of lists and maps; JSON and literals are limited to less.
    private static let depthLimit = 128

    /// Writes a value as `%s` does: without quotes, and maps in the order of their keys' texts.
    ///
    /// - Returns: false for kinds without such a text.
    /// - Throws: `budget`, with 1 step per element and per 16 bytes; `depth`.
    static func writeText(
        _ value: CELValue, to output: inout CELTextBuilder, _ budget: inout CELBudget,
        depth: Int = 0
    ) throws(CELFault) -> Bool {
        guard depth < depthLimit else { throw CELFault(.depth) }
        switch value {
        case .list(let list):
            try output.append("[", &budget)
            for place in 0..<list.count {
                try budget.spend()
                if place > 0 { try output.append(", ", &budget) }
                guard try writeText(list[place], to: &output, &budget, depth: depth + 1) else {
                    return false
                }
            }
            try output.append("]", &budget)
        case .map(let map):
            guard try writeEntries(map, to: &output, &budget, depth) else { return false }
        default:
            guard let text = simpleText(value) else { return false }
            try output.append(text, &budget)
        }
        return true
    }

    private static func writeEntries(
        _ map: CELMap, to output: inout CELTextBuilder, _ budget: inout CELBudget, _ depth: Int
    ) throws(CELFault) -> Bool {
        try budget.spend(map.count)
        var entries: [(name: String, value: CELValue)] = []
        for place in 0..<map.count {
            let (key, value) = map[place]
            guard let name = simpleText(key) else { return false }
            try budget.spend(bytes: name.utf8.count)
            entries.append((name, value))
        }
        // The entries are sorted by code points, which is the byte order of UTF-8; Swift's own differs.
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        try output.append("{", &budget)
        for (place, entry) in entries.enumerated() {
            try output.append(place > 0 ? ", " : "", &budget)
            try output.append(entry.name, &budget)
            try output.append(": ", &budget)
            guard try writeText(entry.value, to: &output, &budget, depth: depth + 1) else {
                return false
            }
        }
        try output.append("}", &budget)
        return true
    }

    /// The text of a value that contains no other value, or nil for other values and for bytes that are not
    /// UTF-8.
    private static func simpleText(_ value: CELValue) -> String? {
        switch value {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): String(int)
        case .uint(let uint): String(uint)
        case .double(let double): CELDouble.text(double)
        case .string(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .type(let type): type.name
        case .duration(let duration): duration.text
        case .timestamp(let timestamp): timestamp.text
        case .list, .map, .optional, .ip, .cidr: nil
        }
    }
}
