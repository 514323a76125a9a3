extension JSONValue {
    /// Arrays and objects inside one another, counted as `JSONLimits.depth` counts; looks no further than it has to.
    package func isDeeper(than levels: Int) -> Bool {
        switch self {
        case .array(let items): levels < 1 || items.contains { $0.isDeeper(than: levels - 1) }
        case .object(let object):
            levels < 1 || object.members.contains { $0.value.isDeeper(than: levels - 1) }
        case .null, .bool, .integer, .number, .string: false
        }
    }
}
