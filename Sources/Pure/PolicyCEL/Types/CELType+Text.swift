extension CELType {
    /// The type as the language spells it: `map(string, int)`; `number` and `string or null` for types that
    /// only a schema can state.
    package var text: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .duration: "duration"
        case .timestamp: "timestamp"
        case .list(let element): "list(\(element.text))"
        case .map(let key, let value): "map(\(key.text), \(value.text))"
        case .optional(let value): "optional_type(\(value.text))"
        case .type(let type): "type(\(type.text))"
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        case .parameter(let name): "param:\(name)"
        case .opaque(let name, let parameters):
            parameters.isEmpty ? name : "\(name)(\(parameters.map(\.text).joined(separator: ", ")))"
        case .object: "object"
        case .union(let kinds): Self.text(ofKinds: kinds)
        }
    }

    private static func text(ofKinds kinds: [CELType]) -> String {
        guard kinds.contains(.int), kinds.contains(.double) else {
            return kinds.map(\.text).joined(separator: " or ")
        }
        let others = kinds.filter { $0 != .int && $0 != .double }
        return (["number"] + others.map(\.text)).joined(separator: " or ")
    }
}
