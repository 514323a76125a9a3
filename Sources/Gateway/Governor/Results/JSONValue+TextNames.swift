import InterlockJSON

extension JSONValue {
    /// Returns the names of the members that lead to texts, which are counted as `ResultTexts` does; elements of lists
    /// have none. A text that is a name itself has no entry.
    func names(toTexts texts: Set<Int>) -> [Int: [String]] {
        var walk = NameWalk(to: texts)
        walk.take(self)
        return walk.found
    }

    /// Returns the JSON Pointer of a text, counted as `ResultTexts` does. The pointer ends before a name that is
    /// hidden; a text that is a name has the pointer of its object.
    ///
    /// - Returns: nil if there is no such text.
    func pointer(toText text: Int, hiding hidden: Set<Int>) -> String? {
        var next = 0
        return steps(toText: text, hiding: hidden, &next)?.reversed().map { "/" + $0 }.joined()
    }

    /// The steps from the text to this value. They are made on the way back alone: of the other values, which may be
    /// many below a long name, nothing is copied.
    private func steps(toText text: Int, hiding hidden: Set<Int>, _ next: inout Int) -> [String]? {
        switch self {
        case .null, .bool: return nil
        case .integer, .number, .string:
            defer { next += 1 }
            return next == text ? [] : nil
        case .array(let items):
            for (index, item) in items.enumerated() {
                guard let steps = item.steps(toText: text, hiding: hidden, &next) else { continue }
                return steps + ["\(index)"]
            }
            return nil
        case .object(let object):
            for (key, value) in object.members {
                let name = next
                next += 1
                if name == text { return [] }
                guard let steps = value.steps(toText: text, hiding: hidden, &next) else { continue }
                return hidden.contains(name) ? [] : steps + [JSONPointer.escaped(key)]
            }
            return nil
        }
    }
}

/// Finds the names that lead to texts, in one walk through the values.
private struct NameWalk {
    let texts: Set<Int>
    private var next = 0
    private var path: [String] = []
    private(set) var found: [Int: [String]] = [:]

    init(to texts: Set<Int>) { self.texts = texts }

    mutating func take(_ value: JSONValue) {
        switch value {
        case .null, .bool: break
        case .integer, .number, .string:
            if texts.contains(next) { found[next] = path }
            next += 1
        case .array(let items): for item in items { take(item) }
        case .object(let object):
            for (key, value) in object.members {
                next += 1
                path.append(key)
                take(value)
                path.removeLast()
            }
        }
    }
}
