import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// Returns the identity of the policy in force, its sign-off and the result of the last reload.
    package func policyStatus(_: LocalCall) -> JSONValue {
        var object: JSONObject = [
            "digest": .string(gateway.policy.snapshot.digest.prefixed),
            "revision": gateway.policy.snapshot.revision.map { .string($0) } ?? .null,
            "identity": policies.active.identity.json,
            "founding": .bool(policies.standing.isFounding),
            "last_reload": policies.last?.json ?? .null,
        ]
        object["lock"] = lockStatus()
        object["sign_off"] = "none"
        if case .signed(let people, let basis) = policies.standing {
            object["signed_by"] = .array(people.map { .string($0.address) })
            object["sign_off"] = .string(basis.rawValue)
        }
        return .object(object)
    }

    private func lockStatus() -> JSONValue {
        switch policies.lock {
        case .absent: ["state": "absent"]
        case .unsigned(let problem): ["state": "unsigned", "reason": .string("\(problem)")]
        case .signed(let people):
            ["state": "signed", "by": .array(people.map { .string($0.address) })]
        case .refused(let problem): ["state": "refused", "reason": .string("\(problem)")]
        }
    }

    /// Reloads the policy. A refused revision is a result, not an error: the policy in force stays.
    package func reloadPolicy(_: LocalCall) async -> JSONValue {
        await policies.reload(.request)?.json ?? .null
    }
}
