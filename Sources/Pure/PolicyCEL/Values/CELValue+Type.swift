extension CELValue {
    /// The result of `type`, as the language spells it.
    package var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .type: "type"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        case .optional: "optional_type"
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        }
    }

    /// - Throws: `no_such_overload` if the value is not a bool.
    func bool() throws(CELFault) -> Bool {
        guard case .bool(let value) = self else { throw CELFault(.noSuchOverload) }
        return value
    }
}
