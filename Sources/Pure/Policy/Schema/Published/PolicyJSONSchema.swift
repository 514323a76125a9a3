package import InterlockJSON

/// The policy's files as a JSON Schema of draft 2020-12, for editors. It is made from the same table that
/// reading uses, so both know the same keys.
///
/// It is wider than the reader where JSON Schema cannot express a rule (names that must exist, dates that
/// must be days), and never narrower.
package enum PolicyJSONSchema {
    package static let document: JSONValue = {
        var writer = Writer()
        let policy = writer.reference(to: PolicySchema.policy)
        let agent = writer.agentFile()
        let part = writer.part()
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Interlock policy",
            "description":
                "A whole policy, `org.yaml`, one agent, or a file of a subfolder of the policy.",
            "if": ["required": ["agent"]], "then": agent,
            "else": [
                "if": ["required": ["interlock"]],
                "then": ["allOf": [policy, ["required": ["interlock", "org"]]]],
                "else": part,
            ],
            "$defs": .object(writer.definitions),
        ]
    }()

    private struct Writer {
        /// One definition for each record and each kind of scalar, in the order of first use.
        var definitions = JSONObject()

        mutating func reference(to record: Record) -> JSONValue {
            let name = record.definitionName
            if definitions[name] == nil {
                // The name is taken before the definition is written, as records may contain themselves.
                definitions[name] = .null
                definitions[name] = object(record.fields, record)
            }
            return ["$ref": .string("#/$defs/" + name)]
        }

        /// The file of one agent: its keys next to `agent` (docs/specs/policy.md, section 2.4).
        mutating func agentFile() -> JSONValue {
            let outer = ["interlock", "tests"].compactMap { PolicySchema.policy.field($0) }
            let name = Field("agent", .scalar(.name(.agent)), "The agent's name.", required: true)
            return object([name] + outer + PolicySchema.agent.fields, nil)
        }

        /// A file of a subfolder, which contains only its own key.
        mutating func part() -> JSONValue {
            let keys = ["servers", "agents", "elevations", "tests"]
            return .object([
                "oneOf": .array(
                    keys.compactMap { PolicySchema.policy.field($0) }.map { field in
                        object([Field(field.key, field.shape, field.about, required: true)], nil)
                    })
            ])
        }

        private mutating func object(_ fields: [Field], _ record: Record?) -> JSONValue {
            var properties = JSONObject()
            for field in fields {
                var value = schema(field.shape)
                if var object = value.object {
                    object["description"] = .string(field.about)
                    value = .object(object)
                }
                properties[field.key] = value
            }
            var result: JSONObject = ["type": "object", "properties": .object(properties)]
            let required = fields.filter(\.isRequired).map { JSONValue.string($0.key) }
            if !required.isEmpty { result["required"] = .array(required) }
            if let record, !record.oneOf.isEmpty {
                result["oneOf"] = .array(record.oneOf.map { ["required": [.string($0)]] })
            }
            if let others = record?.others {
                result["additionalProperties"] = schema(others.shape)
                result["propertyNames"] = [
                    "anyOf": [
                        ["enum": .array(fields.map { .string($0.key) })],
                        scalar(.name(others.keys)),
                    ]
                ]
            } else {
                result["additionalProperties"] = false
            }
            return .object(result)
        }

        private mutating func schema(_ shape: Shape) -> JSONValue {
            switch shape {
            case .json: return [:]
            case .scalar(let type): return scalar(type)
            case .record(let record): return reference(to: record)
            case .list(let element, _, let single):
                let item = schema(element)
                let list: JSONValue = ["type": "array", "items": item]
                return single ? ["anyOf": [item, list]] : list
            case .map(let keys, let value):
                return [
                    "type": "object", "propertyNames": scalar(.name(keys)),
                    "additionalProperties": schema(value),
                ]
            case .shorthand(let kind, let inner):
                if case .egress = kind {
                    return ["anyOf": [schema(inner), reference(to: PolicySchema.egressRule)]]
                }
                return ["anyOf": [short(kind), schema(inner)]]
            }
        }

        /// The schema of the short form that may replace the full form.
        private mutating func short(_ kind: Shorthand) -> JSONValue {
            switch kind {
            case .stage: scalar(.stage)
            case .grant: scalar(.toolReference)
            case .scope: ["type": "null"]
            case .egress: scalar(.hostAndPort)
            case .rotation: scalar(.date)
            case .unit: scalar(.word(ArgumentUnit.Measure.allCases.map(\.rawValue)))
            case .sandbox:
                [
                    "type": "string",
                    "pattern": "^[a-z0-9][a-z0-9-]*(, *network egress = (allowlist only|none))?$",
                ]
            case .killSwitch:
                [
                    "type": "string",
                    "pattern":
                        "^org-wide, tested (weekly|monthly|quarterly|every [1-9][0-9]*[smhd])$",
                ]
            case .days:
                [
                    "type": "string",
                    "pattern": "^(mon|tue|wed|thu|fri|sat|sun)(-(tue|wed|thu|fri|sat|sun))?$",
                ]
            }
        }

        /// The schema of a scalar. Small closed forms are written where they are used; those with a pattern
        /// are defined once.
        private mutating func scalar(_ type: ScalarType) -> JSONValue {
            guard let name = type.definitionName else { return type.jsonSchema }
            if definitions[name] == nil { definitions[name] = type.jsonSchema }
            return ["$ref": .string("#/$defs/" + name)]
        }
    }
}

extension Record {
    /// The name of the definition: `an effect rule` -> `effect-rule`, `` `connect` `` -> `connect`.
    var definitionName: String {
        var words = name.split(separator: " ").map { $0.filter { $0 != "`" } }
        if words.count > 1, words[0] == "a" || words[0] == "an" { words.removeFirst() }
        return words.joined(separator: "-")
    }
}
