/// A JSON value with exact integers, members in the order of the input, and no duplicate keys. It is made by
/// `JSONValue(parsing:limits:)` or by code, and written by `serialized()` (which keeps order and numbers) or
/// `canonical()` (RFC 8785).
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// An integer within +-(2^53-1) that is spelled as one.
    case integer(Int64)
    /// Any other number, with its exact text.
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// A number other than a small integer: its text, which satisfies the JSON grammar, and the nearest double.
package struct JSONNumber: Sendable, Hashable {
    /// The greatest number of characters of a parsed number. Comparing two numbers, or validating one against a schema,
    /// takes time in proportion to their digits each time a schema requires it.
    package static let longest = 1000

    package let text: String
    /// The nearest double, always finite: the parser refuses a text beyond the range of doubles.
    package let double: Double

    package init(text: String, double: Double) {
        self.text = text
        self.double = double
    }
}

/// Members in order. Keys are distinct by their bytes; equality does not depend on order.
package struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [(key: String, value: JSONValue)] = []
    private var places = MemberPositions()

    package init() {}
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        members.reserveCapacity(elements.count + 4)
        for (key, value) in elements { self[key] = value }
    }
    /// - Precondition: the keys are distinct.
    package init(distinct members: [(key: String, value: JSONValue)]) {
        self.init(members, MemberPositions(of: members.span))
    }
    /// - Precondition: the keys are distinct, and `places` contains all of them (the parser ensures both).
    init(_ members: [(key: String, value: JSONValue)], _ places: MemberPositions) {
        self.members = members
        self.places = places
    }

    package mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    /// Setting nil removes the member, in time linear in the number of members; setting an existing key keeps its
    /// position.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            var steps = 0
            let found = places.find(key, in: members.span, &steps)
            switch (found.place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?):
                members.append((key, value))
                note(found.hash, &steps)
            case (nil, nil): break
            }
        }
    }

    private mutating func note(_ hash: UInt32, _ steps: inout Int) {
        // The table is moved out, so that it is changed in place while the members are read.
        var places = MemberPositions()
        swap(&places, &self.places)
        places.added(to: members.span, hash: hash, &steps)
        swap(&places, &self.places)
    }

    private mutating func remove(at place: Int) {
        members.remove(at: place)
        places = MemberPositions(of: members.span)
    }

    private func place(of key: String) -> Int? {
        var steps = 0
        return place(of: key, &steps)
    }

    func place(of key: String, _ steps: inout Int) -> Int? {
        // A span is read in place; iteration would copy each member.
        places.find(key, in: members.span, &steps).place
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

extension JSONValue {
    /// Returns true if arrays and objects are nested more than `levels` deep, counted as `JSONLimits.depth` counts. The
    /// search stops at the first part that is too deep.
    package func isDeeper(than levels: Int) -> Bool {
        switch self {
        case .array(let items): levels < 1 || items.contains { $0.isDeeper(than: levels - 1) }
        case .object(let object):
            levels < 1 || object.members.contains { $0.value.isDeeper(than: levels - 1) }
        case .null, .bool, .integer, .number, .string: false
        }
    }
}
