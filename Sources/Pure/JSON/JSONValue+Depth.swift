extension JSONValue {
    /// Returns true if arrays and objects are nested more than `levels` deep, counted as `JSONLimits.depth` counts. The
    /// search stops at the first part that is too deep.
    package func isDeeper(than levels: Int) -> Bool {
        switch self {
        case .array(let items): levels < 1 || items.contains { $0.isDeeper(than: levels - 1) }
        case .object(let object):
            levels < 1 || object.members.contains { $0.value.isDeeper(than: levels - 1) }
        case .null, .bool, .integer, .number, .string: false
        }
    }
}
