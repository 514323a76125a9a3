import InterlockJSON
package import InterlockPolicyCEL

/// The result of a guard: a truth, or an error of its evaluation. How an error counts depends on where the
/// guard is used (docs/specs/policy.md, section 5.3): see `permits` and `applies`.
package enum GuardResult: Sendable, Hashable {
    case `true`, `false`
    case error(CELFault.Kind)

    /// True if a guard on a grant permits the call: only true does.
    var permits: Bool { self == .true }

    /// True if a forbid or an effect with this guard applies: everything but false does.
    var applies: Bool { self != .false }

    /// The result as decisions show it: `true`, `false`, `error`.
    package var text: String {
        switch self {
        case .true: "true"
        case .false: "false"
        case .error: "error"
        }
    }
}

/// One guard that a decision evaluated.
package struct GuardRecord: Sendable, Hashable {
    /// The id of a forbid or effect rule, or the path of a grant.
    package let rule: String
    package let result: GuardResult

    var json: JSONValue {
        var object = JSONObject()
        if case .error(let kind) = result { object["error"] = .string(kind.rawValue) }
        object["result"] = .string(result.text)
        object["rule"] = .string(rule)
        return .object(object)
    }
}
