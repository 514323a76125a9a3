package import InterlockJSON

/// The place in a document to which a pointer leads.
package enum PointerTarget: Sendable, Hashable {
    case value(JSONValue)
    /// An object on the way has no such member, or an array no such element.
    case absent
    /// The pointer asks for an element by a text, or for a part of a value that has none.
    case unfit
}

extension JSONValue {
    package func target(of path: JSONPath) -> PointerTarget {
        var value = self
        for token in path.tokens {
            switch value {
            case .object(let object):
                guard let inner = object[token] else { return .absent }
                value = inner
            case .array(let items):
                guard let index = arrayIndex(token) else { return .unfit }
                guard index < items.count else { return .absent }
                value = items[index]
            case .null, .bool, .integer, .number, .string: return .unfit
            }
        }
        return .value(value)
    }
}

/// Returns the index that a reference token is: digits without a leading zero (RFC 6901, section 4), at most nine.
func arrayIndex(_ token: String) -> Int? {
    let digits = token.utf8
    guard (1...9).contains(digits.count),
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { return nil }
    return Int(token)
}
