import InterlockJSON
package import InterlockModel

/// Annotations can only raise the risk class, and only explicit ones: a hint that is absent, or of
/// another type than bool, says nothing (specs of MCP, section 11).
func riskFloor(of annotations: JSONObject?) -> ToolClass? {
    if annotations?["destructiveHint"] == true { return .destructive }
    if annotations?["readOnlyHint"] == false { return .write }
    return nil
}

extension ToolClass {
    /// From `read`, the least, to `admin`.
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
