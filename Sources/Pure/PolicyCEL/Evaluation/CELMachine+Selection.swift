/// Selection of fields, elements and keys. Selection from an optional gives an optional, which is empty if
/// the content is absent.
extension CELMachine {
    mutating func field(of value: CELValue, _ name: String) throws(CELFault) -> CELValue {
        switch value {
        case .map(let map):
            guard let member = try map.value(named: name, &budget) else {
                throw CELFault(.noSuchKey, name)
            }
            return member
        case .optional: return try optionalField(of: value, name)
        default: throw CELFault(.noSelection, name)
        }
    }

    mutating func optionalField(of value: CELValue, _ name: String) throws(CELFault) -> CELValue {
        switch value {
        case .map(let map): return .optional(CELOptional(try map.value(named: name, &budget)))
        case .optional(let optional):
            guard let content = optional.value else { return value }
            return try optionalField(of: content, name)
        default: throw CELFault(.noSelection, name)
        }
    }

    mutating func has(_ value: CELValue, _ name: String) throws(CELFault) -> Bool {
        switch value {
        case .map(let map): return try map.value(named: name, &budget) != nil
        case .optional(let optional):
            guard let value = optional.value else { return false }
            return try has(value, name)
        default: throw CELFault(.noSelection, name)
        }
    }

    mutating func element(of value: CELValue, at index: CELValue) throws(CELFault) -> CELValue {
        switch value {
        case .list(let list):
            guard let place = try place(index, in: list) else {
                throw CELFault(.invalidArgument, index.text)
            }
            return list[place]
        case .map(let map):
            guard let member = try map.value(for: index, &budget) else {
                throw CELFault(.noSuchKey, keyText(index))
            }
            return member
        case .optional: return try optionalElement(of: value, at: index)
        default: throw CELFault(.noSuchOverload)
        }
    }

    mutating func optionalElement(
        of value: CELValue, at index: CELValue
    ) throws(CELFault) -> CELValue {
        switch value {
        case .list(let list):
            return .optional(CELOptional(try place(index, in: list).map { list[$0] }))
        case .map(let map): return .optional(CELOptional(try map.value(for: index, &budget)))
        case .optional(let optional):
            guard let content = optional.value else { return value }
            return try optionalElement(of: content, at: index)
        default: throw CELFault(.noSuchOverload)
        }
    }

    /// The position in a list that an index refers to, or nil if it is out of range.
    private func place(_ index: CELValue, in list: CELList) throws(CELFault) -> Int? {
        switch CELKey(index) {
        case .integer(let place): return place >= 0 && place < list.count ? Int(place) : nil
        case .large: return nil
        case .bool, .string, nil: throw CELFault(.invalidArgument, index.typeName)
        }
    }

    /// The text of a key. A value that cannot be a key may be large, so only its kind is returned.
    private func keyText(_ key: CELValue) -> String { CELKey(key) == nil ? key.typeName : key.text }
}
