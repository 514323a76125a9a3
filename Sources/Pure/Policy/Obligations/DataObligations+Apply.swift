package import InterlockJSON

/// The reason why a result cannot be given to the agent: an obligation on it could not be met.
package enum ObligationFailure: Error, Hashable, Sendable {
    /// The result has no fields: it is not JSON, or neither an object nor an array.
    case notFields
    /// The result is larger than `max_bytes`, or than the default of it, after all other obligations were applied.
    case tooLarge(bytes: Int, limit: Int64)
}

extension DataObligations {
    /// The arguments as they are decided about, displayed, recorded and sent.
    package func argumentsDropped(from arguments: JSONValue) -> JSONValue {
        argumentsDrop.isEmpty ? arguments : dropped(arguments, argumentsDrop)
    }

    /// A result, or one part of it, as the agent may see it.
    ///
    /// - Throws: `notFields` if fields must be changed and the result has no fields. The size is not
    ///   checked, because a result can have several parts.
    package func apply(to result: JSONValue) throws(ObligationFailure) -> JSONValue {
        guard changesResults else { return result }
        switch result {
        case .object, .array: break
        case .null, .bool, .integer, .number, .string: throw .notFields
        }
        var result = result
        if let keep { result = kept(result, keep) ?? .null }
        if !drop.isEmpty { result = dropped(result, drop) }
        if !mask.isEmpty { result = masked(result, mask) }
        return result
    }
}

/// Returns nil if nothing is kept: no path leads to the value or below it.
private func kept(_ value: JSONValue, _ paths: [FieldPath]) -> JSONValue? {
    if paths.contains(where: \.isHere) { return value }
    switch value {
    case .array(let items): return .array(items.compactMap { kept($0, paths) })
    case .object(let object):
        return .object(
            JSONObject(
                distinct: object.members.compactMap { name, value in
                    let below = paths.compactMap { $0.below(name) }
                    return below.isEmpty ? nil : kept(value, below).map { (name, $0) }
                }))
    case .null, .bool, .integer, .number, .string: return nil
    }
}

private func dropped(_ value: JSONValue, _ paths: [FieldPath]) -> JSONValue {
    switch value {
    case .array(let items): return .array(items.map { dropped($0, paths) })
    case .object(let object):
        return .object(
            JSONObject(
                distinct: object.members.compactMap { name, value in
                    switch paths.match(name) {
                    case .unrelated: return (name, value)
                    case .variant: return nil
                    case .below(let below):
                        if below.contains(where: \.isHere) { return nil }
                        return (name, dropped(value, below))
                    }
                }))
    case .null, .bool, .integer, .number, .string: return value
    }
}

private func masked(_ value: JSONValue, _ paths: [FieldPath: MaskMethod]) -> JSONValue {
    if case .array(let items) = value { return .array(items.map { masked($0, paths) }) }
    if let method = paths.first(where: \.key.isHere)?.value { return method.masked(value) }
    guard case .object(let object) = value else { return value }
    return .object(
        JSONObject(
            distinct: object.members.compactMap { name, value in
                switch paths.keys.match(name) {
                case .unrelated: return (name, value)
                case .variant: return nil
                case .below: return (name, masked(value, below(name, paths)))
                }
            }))
}

/// Returns the masks below a field, those of variants of its name included; the stricter one if two have the same path.
private func below(_ name: String, _ paths: [FieldPath: MaskMethod]) -> [FieldPath: MaskMethod] {
    var below: [FieldPath: MaskMethod] = [:]
    for (path, method) in paths {
        if case .unrelated = CollectionOfOne(path).match(name) { continue }
        below[path.rest] = below[path.rest]?.stricter(method) ?? method
    }
    return below
}
