import InterlockJSON

extension CELValue {
    /// The value as an expression that evaluates to it, for display: `[1, 2u]`, `{"a": null}`,
    /// `timestamp("2026-02-01T00:00:00Z")`.
    package var text: String {
        var output = ""
        append(to: &output)
        return output
    }

    private func append(to output: inout String) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .int(let value): output += String(value)
        case .uint(let value): output += String(value) + "u"
        case .double(let value): output += CELDouble.literal(value)
        case .string(let value): output += quoted(value)
        case .bytes(let bytes): output += "b\"" + bytes.map(escaped).joined() + "\""
        case .type(let type): output += type.name
        case .duration(let value): output += "duration(\"\(value.text)\")"
        case .timestamp(let value): output += "timestamp(\"\(value.text)\")"
        case .optional(let optional):
            guard let value = optional.value else {
                output += "optional.none()"
                return
            }
            output += "optional.of("
            value.append(to: &output)
            output += ")"
        case .ip(let address): output += "ip(\"\(address.text)\")"
        case .cidr(let network): output += "cidr(\"\(network.text)\")"
        case .list(let list):
            output += "["
            for index in 0..<list.count {
                if index > 0 { output += ", " }
                list[index].append(to: &output)
            }
            output += "]"
        case .map(let map):
            output += "{"
            for index in 0..<map.count {
                if index > 0 { output += ", " }
                let (key, value) = map[index]
                key.append(to: &output)
                output += ": "
                value.append(to: &output)
            }
            output += "}"
        }
    }
}

/// The JSON spelling of a string is also valid in the language.
private func quoted(_ text: String) -> String {
    String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
}

private func escaped(_ byte: UInt8) -> String {
    switch byte {
    case 0x22, 0x5c: "\\" + String(UnicodeScalar(byte))
    case 0x20..<0x7f: String(UnicodeScalar(byte))
    default: (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
    }
}
