import InterlockJSON

/// The kinds of value that a location of a call's input can hold; `absent` if there is no value.
package struct ValueKinds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package static let absent = ValueKinds(rawValue: 1)
    static let null = ValueKinds(rawValue: 2)
    package static let `false` = ValueKinds(rawValue: 4)
    package static let `true` = ValueKinds(rawValue: 8)
    package static let number = ValueKinds(rawValue: 16)
    package static let string = ValueKinds(rawValue: 32)
    package static let list = ValueKinds(rawValue: 64)
    package static let object = ValueKinds(rawValue: 128)

    static let bool: ValueKinds = [.false, .true]
    package static let any = ValueKinds(rawValue: 255)
    static let present = any.subtracting(.absent)
    /// The kinds that `size` measures.
    static let sized: ValueKinds = [.string, .list, .object]

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    init(of value: JSONValue?) {
        self =
            switch value {
            case nil: .absent
            case .null: .null
            case .bool(let flag): flag ? .true : .false
            case .integer, .number: .number
            case .string: .string
            case .array: .list
            case .object: .object
            }
    }
}
