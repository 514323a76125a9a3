import InterlockJSON
package import InterlockModel

/// The lowest class that the annotations allow, or nil if they do not raise it. Only explicit annotations
/// count: a hint that is absent, or of another type than bool, has no effect (docs/specs/mcp.md, section
/// 11).
func riskFloor(of annotations: JSONObject?) -> ToolClass? {
    if annotations?["destructiveHint"] == true { return .destructive }
    if annotations?["readOnlyHint"] == false { return .write }
    return nil
}

extension ToolClass {
    /// Returns true if the class is lower than the other, in the order from `read` to `admin`.
    package func isBelow(_ other: ToolClass) -> Bool { rank < other.rank }

    private var rank: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .destructive: 2
        case .admin: 3
        }
    }
}
