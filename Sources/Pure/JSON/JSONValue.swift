/// A JSON value as it was judged: exact integers, members in the order in which they came, no
/// duplicate keys. Made by `JSONValue(parsing:limits:)` or by code; written by `serialized()` (order
/// and numbers kept) or `canonical()` (RFC 8785).
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// An integer within +-(2^53-1), spelled as one.
    case integer(Int64)
    /// Any other number, with its exact text.
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// A number that is no small integer: its text, which satisfies the JSON grammar, and the nearest double.
package struct JSONNumber: Sendable, Hashable {
    package let text: String
    /// Finite; a text beyond the range of doubles is refused by the parser.
    package let double: Double

    package init(text: String, double: Double) {
        self.text = text
        self.double = double
    }
}

/// Members in order. Keys are distinct, byte by byte; equality does not depend on order.
package struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [(key: String, value: JSONValue)] = []

    package init() {}
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        members.reserveCapacity(elements.count + 4)
        for (key, value) in elements { self[key] = value }
    }
    /// - Precondition: the keys are distinct (the parser has checked them).
    package init(distinct members: [(key: String, value: JSONValue)]) { self.members = members }

    package mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    /// Setting nil removes the member; setting an existing key keeps its place.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            let place = place(of: key)
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    private func place(of key: String) -> Int? {
        // A span is read in place; iterating would copy each member.
        let members = members.span
        for place in members.indices where sameBytes(members[place].key, key) { return place }
        return nil
    }

    package static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        // A sum, because the order must not count.
        var sum = 0
        for (key, value) in members {
            var member = Hasher()
            member.combine(key)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONValue {
    /// Strings are equal when their bytes are; `1` and `1.0` differ, as their texts do.
    package static func == (a: JSONValue, b: JSONValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a.text == b.text
        case (.string(let a), .string(let b)): sameBytes(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _),
            (.object, _):
            false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        object.reserveCapacity(elements.count)
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }

    package subscript(key: String) -> JSONValue? { object?[key] }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
}
