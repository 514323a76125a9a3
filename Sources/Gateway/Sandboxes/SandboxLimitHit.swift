import InterlockJSON
import InterlockModel

/// A limit that a run reached, as its supervisor has seen it (docs/specs/sandbox.md, section 9).
package struct SandboxLimitHit: Sendable, Hashable {
    package enum Limit: String, Sendable, CaseIterable {
        /// Seconds.
        case wall
        /// Bytes of all processes together.
        case memory
        /// Processes.
        case pids
        /// Bytes of the changes in the workspace.
        case workspace
        /// Bytes that are left free on the disk of the deployment.
        case disk
    }

    package let limit: Limit
    /// The value of the limit, 0 or more.
    package let value: Int64

    package init(_ limit: Limit, _ value: Int64) {
        self.limit = limit
        self.value = max(0, value)
    }

    /// The most in one statement.
    static let most = Limit.allCases.count

    init(_ json: JSONValue) throws(FormError) {
        let fields = try StrictFields(json, at: "hits", required: ["limit", "value"])
        self.init(
            try fields.made("limit", "the name of a limit", Limit.init),
            try fields.integer("value", in: 0...1 << 53 - 1))
    }

    var json: JSONValue { ["limit": .string(limit.rawValue), "value": .integer(value)] }

    /// The fields of `limit.hit`.
    var fields: JSONObject { ["name": .string(limit.rawValue), "amt": .integer(value)] }
}
