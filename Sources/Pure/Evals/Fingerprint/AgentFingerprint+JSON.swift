import InterlockJSON
import InterlockModel

/// The parts of a fingerprint as statements about an agent have them: `parts`, an object of digests by name.
extension AgentFingerprint {
    var partsJSON: JSONValue {
        .object(
            JSONObject(
                distinct: FingerprintPart.allCases.map {
                    (key: $0.rawValue, value: JSONValue.string(self[$0].prefixed))
                }))
    }

    /// Reads `parts` of a statement about the agent.
    init(of agent: AgentName, _ fields: StrictFields) throws(FormError) {
        let parts = try StrictFields(
            try fields.value("parts"), at: "parts",
            required: FingerprintPart.allCases.map(\.rawValue))
        self.init(
            agent: agent, model: try parts.digest("model"), policy: try parts.digest("policy"),
            prompt: try parts.digest("prompt"), skills: try parts.digest("skills"),
            tools: try parts.digest("tools"))
    }
}
