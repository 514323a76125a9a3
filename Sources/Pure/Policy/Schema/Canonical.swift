import InterlockJSON
import InterlockModel

/// The digested form of a policy (specs of the policy, 6.2): defaults filled in, sets sorted,
/// durations in seconds, times in UTC, guards as written.
func canonicalTree(_ value: TypedValue, _ shape: Shape) -> JSONValue {
    switch shape {
    case .scalar, .json: return canonicalScalar(value.kind)
    case .shorthand(let kind, let inner):
        if case .egress = kind, case .record = value.kind {
            return canonicalRecord(value, PolicySchema.egressRule)
        }
        return canonicalTree(value, inner)
    case .list(let element, let unordered, _):
        let items = value.items.map { canonicalTree($0, element) }
        return .array(unordered ? sortedSet(items) : items)
    case .map(_, let inner):
        // Names are distinct across files (E401), and there can be thousands of agents.
        return .object(
            JSONObject(
                distinct: value.members.map { ($0.key, canonicalTree($0.value, inner)) }))
    case .record(let record): return canonicalRecord(value, record)
    }
}

private func canonicalRecord(_ value: TypedValue, _ record: Record) -> JSONValue {
    var object = JSONObject()
    for field in record.fields where field.isDigested {
        if let part = value[field.key] {
            var tree = canonicalTree(part, field.shape)
            if case .map = field.shape, let rows = field.defaultValue?.object,
                var present = tree.object
            {
                for row in rows.members where present[row.key] == nil {
                    present[row.key] = row.value
                }
                tree = .object(present)
            }
            object[field.key] = tree
        } else if let fallback = field.defaultValue {
            object[field.key] = defaultTree(fallback, field.shape, at: value)
        }
    }
    if let others = record.others {
        for member in value.members where record.field(member.key) == nil {
            object[member.key] = canonicalTree(member.value, others.shape)
        }
    }
    return .object(object)
}

/// An absent record has the defaults of its own keys.
private func defaultTree(_ fallback: JSONValue, _ shape: Shape, at place: TypedValue) -> JSONValue {
    guard case .record(let record) = shape, fallback.object?.isEmpty == true else {
        return fallback
    }
    let nothing = TypedValue(kind: .record([]), place: place.place, path: place.path)
    return canonicalRecord(nothing, record)
}

private func canonicalScalar(_ kind: TypedValue.Kind) -> JSONValue {
    switch kind {
    case .text(let text): .string(text)
    case .flag(let flag): .bool(flag)
    case .integer(let value), .seconds(let value): .integer(value)
    case .rate(let rate): ["n": .integer(rate.count), "per": .integer(rate.windowSeconds)]
    case .date(let date): .string(date.text)
    case .clock(let minutes): .integer(Int64(minutes))
    case .instant(let time): .string(time.rfc3339())
    case .person(let person): .string(person.address)
    case .verdict(let verdict): .string(verdict.description)
    case .guardText(let text): .string(text.source)
    case .json(let value): value
    case .list, .record: .null
    }
}

/// Sorted by their canonical bytes, each once.
private func sortedSet(_ items: [JSONValue]) -> [JSONValue] {
    let keyed = items.map { (key: sortKey($0), value: $0) }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var result: [JSONValue] = []
    for (index, item) in keyed.enumerated() where index == 0 || keyed[index - 1].key != item.key {
        result.append(item.value)
    }
    return result
}

private func sortKey(_ value: JSONValue) -> [UInt8] {
    // Typed values are finite and shallow, so writing them cannot fail; were it to, one of them stays
    // in the set, so that the whole policy has no canonical form either and is refused.
    (try? value.canonical()) ?? []
}
