package import InterlockJSON
package import InterlockModel

/// A value of the policy after typing: it fits its shape, and has its location. It is a class, because a
/// policy has hundreds of thousands of values, which are passed from one place to the next.
package final class TypedValue: PolicyPart {
    package enum Kind: Sendable {
        /// Text, words of a closed set, and names: the shape guarantees that they are well formed.
        case text(String)
        case flag(Bool)
        case integer(Int64)
        case seconds(Int64)
        case rate(Rate)
        case date(CivilDate)
        /// Minutes since midnight.
        case clock(Int)
        case instant(Timestamp)
        case person(Person)
        case verdict(Verdict)
        case guardText(GuardText)
        case list([TypedValue])
        case record([Member])
        case json(JSONValue)
        /// The canonical form (docs/specs/policy.md, section 6.2) of the value, to which an agent is
        /// reduced if trees are not kept.
        case written([UInt8])
    }

    package struct Member: Sendable {
        package let key: String
        package let keyPlace: PolicyLocation
        package let value: TypedValue

        package init(key: String, keyPlace: PolicyLocation, value: TypedValue) {
            self.key = key
            self.keyPlace = keyPlace
            self.value = value
        }
    }

    package let kind: Kind
    package let place: PolicyLocation
    package let path: String

    package init(kind: Kind, place: PolicyLocation, path: String) {
        self.kind = kind
        self.place = place
        self.path = path
    }

    package subscript(key: String) -> TypedValue? {
        if case .record(let members) = kind { members.value(of: key) } else { nil }
    }
    package var members: [Member] { if case .record(let members) = kind { members } else { [] } }
    package var items: [TypedValue] { if case .list(let items) = kind { items } else { [] } }
    package var text: String? { if case .text(let text) = kind { text } else { nil } }
    package var flag: Bool? { if case .flag(let flag) = kind { flag } else { nil } }
    package var integer: Int64? { if case .integer(let value) = kind { value } else { nil } }
    package var seconds: Int64? { if case .seconds(let value) = kind { value } else { nil } }
    var rate: Rate? { if case .rate(let rate) = kind { rate } else { nil } }
    package var date: CivilDate? { if case .date(let date) = kind { date } else { nil } }
    package var instant: Timestamp? { if case .instant(let time) = kind { time } else { nil } }
    package var person: Person? { if case .person(let person) = kind { person } else { nil } }
    package var verdict: Verdict? { if case .verdict(let verdict) = kind { verdict } else { nil } }
    var clock: Int? { if case .clock(let minutes) = kind { minutes } else { nil } }
    package var json: JSONValue? { if case .json(let value) = kind { value } else { nil } }
    package var guardText: GuardText? { if case .guardText(let text) = kind { text } else { nil } }

    /// A part of the value with its location, or nil if the value is of another kind.
    func located<T>(_ part: (TypedValue) -> T?) -> Located<T>? {
        part(self).map { Located($0, place: place, path: path) }
    }
}

extension [TypedValue.Member] {
    func value(of key: String) -> TypedValue? {
        // A span is read in place; iterating would copy each member.
        let members = span
        for place in members.indices where members[place].key == key {
            return members[place].value
        }
        return nil
    }
}

/// A part of a policy as written.
protocol PolicyPart: Sendable {
    var place: PolicyLocation { get }
    /// The path in the merged policy: `agents.refunds.mcp_scopes.billing[1]`.
    var path: String { get }
}

/// A value that was read from a policy, with its location.
package struct Located<Value: Sendable>: PolicyPart {
    package let value: Value
    package let place: PolicyLocation
    package let path: String

    init(_ value: Value, place: PolicyLocation, path: String) {
        self.value = value
        self.place = place
        self.path = path
    }

    /// The value, at the location of a part of the policy.
    init(_ value: Value, of part: some PolicyPart) {
        self.init(value, place: part.place, path: part.path)
    }
}

/// A maximum of `count` in any rolling window.
package struct Rate: Sendable, Hashable {
    package let count: Int64
    /// The length of the window: 1, 60, 3,600 or 86,400.
    package let windowSeconds: Int64

    package init(count: Int64, windowSeconds: Int64) {
        self.count = count
        self.windowSeconds = windowSeconds
    }

    /// The rate as written in a policy: `25/d`.
    package var text: String {
        let unit = [1: "s", 60: "m", 3600: "h", 86_400: "d"][windowSeconds] ?? "\(windowSeconds)s"
        return "\(count)/\(unit)"
    }

    /// Returns true if this rate admits more than `other` in the long run.
    func exceeds(_ other: Rate) -> Bool {
        // The products fit, because counts are at most 10^12 and windows at most 86,400.
        count * other.windowSeconds > other.count * windowSeconds
    }
}

/// A guard as written. Its location is that of its scalar: the opening quote, or the `|` of a block. It is
/// a class, because rules pass it on more often than they read it.
package final class GuardText: Sendable {
    package let source: String
    package let style: YAMLStyle
    let layout: YAMLLayout
    package let place: PolicyLocation

    package init(
        source: String, style: YAMLStyle, layout: YAMLLayout = .verbatim, place: PolicyLocation
    ) {
        self.source = source
        self.style = style
        self.layout = layout
        self.place = place
    }
}
