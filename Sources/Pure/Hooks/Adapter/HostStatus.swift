import InterlockJSON
package import InterlockModel

/// The gateway's answer to a host that is about to start, on the socket of hooks outside runs:
/// `{"v":1,"agent":"fixer","halt":null,"policy":"sha256:…","policy_state":"signed","doctor":{"claude-code":{"result":"good","age":60}}}`.
package struct HostStatus: Sendable, Hashable {
    /// The path of the request, a POST without a body.
    package static let path = "/hook/v1/status"

    /// The state of the policy on the node: have people signed it.
    package enum PolicyState: String, Sendable, CaseIterable {
        /// The policy in force was signed off, and what is on disk can be read.
        case signed
        /// No revision was ever signed off on this node: who can write the files decides.
        case unsigned
        /// The files on disk have an error, so that what is in force is not what they say.
        case reloadRefused = "reload-refused"
    }

    /// The newest result of `doctor` that the user of the agent reported for a host.
    package struct Checked: Sendable, Hashable {
        package let state: DoctorState
        /// The whole seconds since the gateway recorded it.
        package let ageSeconds: Int64

        package init(state: DoctorState, ageSeconds: Int64) {
            self.state = state
            self.ageSeconds = ageSeconds
        }
    }

    /// The agent of the user who asks.
    package let agent: AgentName
    /// The halt that stops the agent, or nil if none does.
    package let halt: OrderID?
    /// The identity of the policy in force.
    package let policy: Digest
    package let policyState: PolicyState
    package let doctor: [HookHost: Checked]

    package init(
        agent: AgentName, halt: OrderID?, policy: Digest, policyState: PolicyState,
        doctor: [HookHost: Checked]
    ) {
        self.agent = agent
        self.halt = halt
        self.policy = policy
        self.policyState = policyState
        self.doctor = doctor
    }

    private static let limits = JSONLimits(depth: 3, bytes: 4096, values: 64, members: 16)
    private static let hosts = HookHost.allCases.map(\.rawValue)

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: Self.limits)
        } catch { throw .json(error) }
        let fields = try StrictFields(
            value, required: ["v", "agent", "halt", "policy", "policy_state", "doctor"])
        try fields.expectVersion1()
        agent = try fields.made("agent", "the name of an agent") { AgentName($0) }
        halt =
            try fields.value("halt") == .null
            ? nil : try fields.made("halt", "the id of a halt, or null") { OrderID($0) }
        policy = try fields.made("policy", "`sha256:` and 64 hexadecimal digits") {
            Digest(prefixed: $0)
        }
        policyState = try fields.made("policy_state", "signed, unsigned or reload-refused") {
            PolicyState(rawValue: $0)
        }
        let results = try StrictFields(
            try fields.value("doctor"), at: "doctor", required: [], optional: Self.hosts)
        var doctor: [HookHost: Checked] = [:]
        for host in HookHost.allCases where results.has(host.rawValue) {
            let one = try StrictFields(
                try results.value(host.rawValue), at: "doctor.\(host.rawValue)",
                required: ["result", "age"])
            doctor[host] = Checked(
                state: try one.made("result", DoctorState.namesText) {
                    DoctorState(name: $0)
                }, ageSeconds: try one.integer("age", in: 0...Int64(1) << 40))
        }
        self.doctor = doctor
    }

    package var wire: [UInt8] {
        var results: JSONObject = [:]
        for host in HookHost.allCases {
            guard let one = doctor[host] else { continue }
            results[host.rawValue] = [
                "result": .string(one.state.name), "age": .integer(one.ageSeconds),
            ]
        }
        let value: JSONValue = [
            "v": 1, "agent": .string(agent.text),
            "halt": halt.map { .string($0.text) } ?? .null, "policy": .string(policy.prefixed),
            "policy_state": .string(policyState.rawValue), "doctor": .object(results),
        ]
        return value.serialized()
    }
}
