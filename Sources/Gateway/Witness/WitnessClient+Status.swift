package import InterlockJSON
package import InterlockLedger
import InterlockModel
import Synchronization

/// The status that `status` and `audit witness status` print.
extension WitnessClient {
    package static let noMemory = "no outside memory: rewriting history cannot be detected"

    /// One line that says whether a witness remembers this log.
    package var memory: String {
        state.withLock { state in
            guard state.policy.witnesses.contains(where: { $0.url != nil }) else {
                return Self.noMemory
            }
            if state.isForked { return "FORK: a witness remembers another history of this log" }
            guard let quorum = state.policy.quorum else {
                return "witnesses are asked, no quorum of them is required"
            }
            guard state.reached > 0 else { return "no quorum of `\(quorum)` has cosigned yet" }
            return "a quorum of `\(quorum)` has cosigned \(state.reached) records"
        }
    }

    /// The reason why calls that must be witnessed cannot be, or nil if the marked witnesses make up a quorum.
    package var lint: String? {
        state.withLock { state in
            guard state.policy.quorum != nil else {
                return
                    "no witness quorum: calls that should be witnessed (D2) are only recorded (D1)"
            }
            guard state.policy.isSatisfied(by: { $0.url != nil && state.marks.has($0) }) else {
                return
                    "the witnesses marked `now` make up no quorum: calls that must be witnessed (D2) are refused"
            }
            return nil
        }
    }

    package var ageSeconds: Int64? {
        let now = ports.clock.wall
        return state.withLock { $0.lastQuorum }.map { max(0, now.seconds - $0.seconds) }
    }

    package var lags: [(witness: String, seconds: Int64)] {
        let now = ports.clock.wall
        return state.withLock { state in
            state.policy.witnesses.compactMap { witness in
                state.statuses[witness.name]?.lastCosigned.map {
                    (witness.name.description, max(0, now.seconds - $0.seconds))
                }
            }
        }
    }

    /// Returns the status from the files, for use while no gateway runs.
    package static func status(of policy: TrustPolicy, _ marks: ImmediateWitnessList) -> JSONValue {
        [
            "quorum": policy.quorum.map { .string($0.description) } ?? .null,
            "witnesses": .array(policy.witnesses.map { .object(TrustPolicy.json(of: $0, marks)) }),
        ]
    }

    package var status: JSONValue {
        let age = ageSeconds
        let memory = memory
        let lint = lint
        return state.withLock { state in
            [
                "memory": .string(memory),
                "quorum": state.policy.quorum.map { .string($0.description) } ?? .null,
                "cosigned": .integer(Int64(clamping: state.reached)),
                "quorum_age": age.map(JSONValue.integer) ?? .null,
                "size": .integer(Int64(clamping: state.growth.size)),
                "lint": lint.map(JSONValue.string) ?? .null,
                "witnesses": .array(state.policy.witnesses.map { state.json(of: $0) }),
            ]
        }
    }
}

extension WitnessClient.State {
    fileprivate func json(of witness: TrustPolicy.Witness) -> JSONValue {
        var object = TrustPolicy.json(of: witness, marks)
        let status = statuses[witness.name]
        object["remembers"] = status?.size.map { .integer(Int64(clamping: $0)) } ?? .null
        object["last"] = status?.lastCosigned.map { .integer($0.seconds) } ?? .null
        object["trouble"] = status?.trouble.map { .string($0.sentence) } ?? .null
        return .object(object)
    }
}

extension TrustPolicy {
    fileprivate static func json(of witness: Witness, _ marks: ImmediateWitnessList) -> JSONObject {
        [
            "name": .string(witness.name.description), "vkey": .string(witness.key.description),
            "url": witness.url.map(JSONValue.string) ?? .null, "now": .bool(marks.has(witness)),
        ]
    }
}
