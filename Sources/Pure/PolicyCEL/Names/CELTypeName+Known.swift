extension CELTypeName {
    /// The names of types that an expression may use as values, with the type that each names.
    static let known: [String: CELType] = [
        "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string,
        "bytes": .bytes, "list": .list(.dyn), "map": .map(.dyn, .dyn), "null_type": .null,
        "type": .type(.dyn), "google.protobuf.Duration": .duration,
        "google.protobuf.Timestamp": .timestamp, "optional_type": .optional(.dyn), "net.IP": .ip,
        "net.CIDR": .cidr,
    ]

    /// The length of the longest name, in bytes.
    static let longestName = known.keys.map(\.utf8.count).max() ?? 0
}
