import InterlockJSON

/// A value that can be a key of a map, in a form in which equal keys are identical: `1`, `1u` and `1.0` are
/// one key.
enum CELKey: Hashable {
    case bool(Bool)
    case integer(Int64)
    /// An integer of 2^63 or more.
    case large(UInt64)
    case string(ExactText)

    /// Returns nil if the value equals no key.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let bool): self = .bool(bool)
        case .int(let int): self = .integer(int)
        case .uint(let uint): self = CELKey(uint)
        case .string(let text): self = .string(ExactText(text))
        case .double(let double):
            if let int = Int64(exactly: double) {
                self = .integer(int)
            } else if let uint = UInt64(exactly: double) {
                self = .large(uint)
            } else {
                return nil
            }
        case .null, .bytes, .list, .map, .type, .duration, .timestamp, .optional, .ip, .cidr:
            return nil
        }
    }

    /// The key of an entry when a map is built, where doubles are not allowed as keys.
    ///
    /// - Throws: `key_type`.
    static func ofEntry(_ value: CELValue) throws(CELFault) -> CELKey {
        guard let key = CELKey(value) else { throw CELFault(.keyType, value.typeName) }
        if case .double = value { throw CELFault(.keyType, value.typeName) }
        return key
    }

    private init(_ uint: UInt64) {
        self = Int64(exactly: uint).map { .integer($0) } ?? .large(uint)
    }
}
