package import InterlockJSON

/// The reason why a result cannot be given to the agent: an obligation on it could not be met.
package enum ObligationFailure: Error, Hashable, Sendable {
    /// The result has no fields: it is not JSON, or neither an object nor an array.
    case notFields
    /// The result is larger than `max_bytes` after all other obligations were applied.
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
    ///   checked, because a result can have several parts: see `check(bytes:)`.
    package func apply(to result: JSONValue) throws(ObligationFailure) -> JSONValue {
        guard changesResults else { return result }
        switch result {
        case .object, .array: break
        case .null, .bool, .integer, .number, .string: throw .notFields
        }
        var result = result
        if let keep { result = kept(result, keep) ?? .null }
        if !drop.isEmpty { result = dropped(result, drop) }
        if !mask.isEmpty {
            result = masked(result, mask.map { (path: $0.key, method: $0.value) })
        }
        return result
    }

    /// - Parameter bytes: the size of the whole result, after `apply`.
    package func check(bytes: Int) throws(ObligationFailure) {
        if let maxBytes, Int64(bytes) > maxBytes {
            throw .tooLarge(bytes: bytes, limit: maxBytes)
        }
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
                    let below = paths.compactMap { $0.below(name) }
                    if below.contains(where: \.isHere) { return nil }
                    return (name, below.isEmpty ? value : dropped(value, below))
                }))
    case .null, .bool, .integer, .number, .string: return value
    }
}

private func masked(
    _ value: JSONValue, _ paths: [(path: FieldPath, method: MaskMethod)]
) -> JSONValue {
    if case .array(let items) = value { return .array(items.map { masked($0, paths) }) }
    let here = paths.filter(\.path.isHere).map(\.method)
    if let first = here.first {
        return here.dropFirst().reduce(first) { $0.stricter($1) }.masked(value)
    }
    guard case .object(let object) = value else { return value }
    return .object(
        JSONObject(
            distinct: object.members.map { name, value in
                let below = paths.compactMap { path, method in
                    path.below(name).map { (path: $0, method: method) }
                }
                return (name, below.isEmpty ? value : masked(value, below))
            }))
}
