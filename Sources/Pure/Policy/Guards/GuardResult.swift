import InterlockJSON

/// What became of a guard: a truth, or an error of its evaluation. Which side an error falls on is a
/// matter of the place (specs of the policy, 5.3): see `permits` and `applies`.
package enum GuardResult: Sendable, Hashable {
    case `true`
    case `false`
    case error(CELFault.Kind)

    /// Of a guard on a grant: only what is true grants.
    var permits: Bool { self == .true }

    /// Of a guard on a forbid or an effect: all but what is false applies.
    var applies: Bool { self != .false }

    /// As decisions show it: `true`, `false`, `error`.
    package var text: String {
        switch self {
        case .true: "true"
        case .false: "false"
        case .error: "error"
        }
    }
}

/// One guard that a decision looked at.
package struct GuardRecord: Sendable, Hashable {
    /// The id of a forbid or effect rule, the path of a grant.
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
