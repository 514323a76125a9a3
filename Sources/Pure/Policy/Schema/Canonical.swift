package import InterlockJSON
import InterlockModel

/// Writes the digested form of a policy (docs/specs/policy.md, section 6.2): defaults filled in, sets
/// sorted, durations in seconds, times in UTC, guards as written; encoded as RFC 8785 requires.
///
/// Bytes are written directly from typed values, because the form of a large policy is much larger as a
/// tree than as text.
package struct CanonicalWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// - Throws: if a number has no canonical form.
    package mutating func write(_ value: TypedValue, _ shape: Shape) throws(JSONError) {
        if case .written(let form) = value.kind {
            bytes += form
            return
        }
        switch shape {
        case .scalar, .json: try write(canonicalScalar(value.kind))
        case .shorthand(let kind, let inner):
            if case .egress = kind, case .record(let members) = value.kind {
                return try write(members, PolicySchema.egressRule)
            }
            // A date alone is written as before the long form existed, so that such policies keep their digest.
            if case .rotation = kind, let on = value["on"], value.members.count == 1 {
                return try write(on, .scalar(.date))
            }
            try write(value, inner)
        case .list(let element, let unordered, _):
            if unordered, value.items.count > 1 {
                return try writeSet(value.items, element)
            }
            bytes.append(UInt8(ascii: "["))
            for item in value.items {
                separate()
                try write(item, element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(_, let inner): try write(value.members, inner, rows: [:])
        case .record(let record): try write(value.members, record)
        }
    }

    package mutating func write(_ value: JSONValue) throws(JSONError) {
        try value.appendCanonical(to: &bytes)
    }

    /// - Parameter text: must be JSON.
    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// - Parameter rows: the rows that are filled in if the policy does not state them.
    private mutating func write(
        _ members: [TypedValue.Member], _ shape: Shape, rows: JSONObject
    ) throws(JSONError) {
        let places = members.indices.sorted { precedesInUTF16(members[$0].key, members[$1].key) }
        var missing = rows.members.filter { row in !members.contains { $0.key == row.key } }
            .sorted { precedesInUTF16($0.key, $1.key) }[...]
        bytes.append(UInt8(ascii: "{"))
        for place in places {
            let key = members[place].key
            while let row = missing.first, precedesInUTF16(row.key, key) {
                try write(key: row.key)
                try write(row.value)
                missing.removeFirst()
            }
            try write(key: key)
            try write(members[place].value, shape)
        }
        for row in missing {
            try write(key: row.key)
            try write(row.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(
        _ members: [TypedValue.Member], _ record: Record
    ) throws(JSONError) {
        var others: ArraySlice<TypedValue.Member> = []
        if record.others != nil {
            others =
                members.filter { record.field($0.key) == nil }
                .sorted { precedesInUTF16($0.key, $1.key) }[...]
        }
        bytes.append(UInt8(ascii: "{"))
        for field in record.digested {
            try writeOthers(&others, before: field.key, record)
            try write(field, in: members)
        }
        try writeOthers(&others, before: nil, record)
        bytes.append(UInt8(ascii: "}"))
    }

    /// - Parameter key: the key before which to stop, or nil to write all that are left.
    private mutating func writeOthers(
        _ others: inout ArraySlice<TypedValue.Member>, before key: String?, _ record: Record
    ) throws(JSONError) {
        guard let shape = record.others?.shape else { return }
        while let member = others.first, key.map({ precedesInUTF16(member.key, $0) }) ?? true {
            try write(key: member.key)
            try write(member.value, shape)
            others.removeFirst()
        }
    }

    private mutating func write(_ field: Field, in members: [TypedValue.Member]) throws(JSONError) {
        if let value = members.value(of: field.key) {
            try write(key: field.key)
            if case .map(_, let inner) = field.shape, let rows = field.defaultValue?.object {
                return try write(value.members, inner, rows: rows)
            }
            try write(value, field.shape)
        } else if let fallback = field.defaultValue {
            try write(key: field.key)
            // An absent record has the defaults of its own keys.
            if case .record(let record) = field.shape, fallback.object?.isEmpty == true {
                return try write([], record)
            }
            try write(fallback)
        }
    }

    /// Writes the items sorted by canonical bytes, each once.
    private mutating func writeSet(_ items: [TypedValue], _ element: Shape) throws(JSONError) {
        var forms: [[UInt8]] = []
        for item in items {
            var form = CanonicalWriter()
            try form.write(item, element)
            forms.append(form.bytes)
        }
        forms.sort { $0.lexicographicallyPrecedes($1) }
        bytes.append(UInt8(ascii: "["))
        for (index, form) in forms.enumerated() where index == 0 || forms[index - 1] != form {
            separate()
            bytes += form
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(key: String) throws(JSONError) {
        separate()
        try write(.string(key))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a comma, except before the first item of a list or object: no value ends in one.
    private mutating func separate() {
        guard let last = bytes.last, last != UInt8(ascii: "["), last != UInt8(ascii: "{") else {
            return
        }
        bytes.append(UInt8(ascii: ","))
    }
}

/// The digested form as a tree.
///
/// - Returns: nil if there is no such form (`CanonicalWriter.write`).
func canonicalTree(_ value: TypedValue, _ shape: Shape) -> JSONValue? {
    var writer = CanonicalWriter()
    do throws(JSONError) {
        try writer.write(value, shape)
        return try JSONValue(
            parsing: writer.bytes,
            limits: JSONLimits(bytes: writer.bytes.count, values: writer.bytes.count))
    } catch {
        return nil
    }
}

extension TypedValue {
    /// The value in its digested form alone, which takes the least memory and suffices once it is read.
    func written(as shape: Shape) -> TypedValue {
        var writer = CanonicalWriter()
        do throws(JSONError) { try writer.write(self, shape) } catch {
            // Computing the digest will fail for the same reason.
            return self
        }
        return TypedValue(kind: .written(writer.bytes), place: place, path: path)
    }
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
    case .list, .record, .written: .null
    }
}
