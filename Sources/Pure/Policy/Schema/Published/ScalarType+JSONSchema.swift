import InterlockJSON
import InterlockModel

extension ScalarType {
    /// The name under which the JSON Schema defines the type once, or nil if the schema is short enough to
    /// repeat.
    var definitionName: String? {
        switch self {
        case .text, .zone: "text"
        case .duration: "duration"
        case .rate: "rate"
        case .date: "date"
        case .clock: "time-of-day"
        case .timestamp: "timestamp"
        case .person: "person-address"
        case .verdict: "verdict"
        case .effect: "effect-name"
        case .toolClass, .ownClass: "class-name"
        case .tier: "tier-name"
        case .stage: "stage-name"
        case .ruleID: "rule-id"
        case .toolReference: "tool-reference"
        case .toolPattern: "tool-pattern"
        case .guardText: "guard"
        case .url: "http-address"
        case .hostAndPort: "host-and-port"
        case .lintCode: "warning-code"
        case .byteCount: "byte-count"
        case .fieldPath: "field-path"
        case .publicKey: "public-key"
        case .name(let kind): kind.rawValue + "-key"
        case .bool, .integer, .versionOne, .word: nil
        }
    }

    /// The schema that an editor checks: the spelling of docs/specs/policy.md, section 2.2, as far as a
    /// pattern can express it.
    var jsonSchema: JSONValue {
        switch self {
        case .bool: ["type": "boolean"]
        case .integer(let range):
            [
                "type": "integer", "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ]
        // A bare `3` or `true` is text here, but a number or a bool to an editor.
        case .text, .zone: ["type": ["string", "number", "boolean"]]
        case .guardText:
            ["type": ["string", "boolean"], "maxLength": 1024, "description": "A guard in CEL."]
        case .byteCount:
            [
                "anyOf": [
                    ["type": "integer", "minimum": 0], spelled("[1-9][0-9]*(KiB|MiB|GiB)"),
                ]
            ]
        case .duration: spelled("[1-9][0-9]*[smhd]")
        case .rate: spelled("(0|[1-9][0-9]*)/[smhd]")
        case .date: spelled("[0-9]{4}-[0-9]{2}-[0-9]{2}")
        case .clock: spelled("[0-2][0-9]:[0-5][0-9]")
        case .timestamp:
            spelled("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})")
        case .person: spelled("[^@ ]+@[^@ ]+")
        case .verdict: spelled("allow|deny|approve( [1-9])?")
        case .effect: oneOf(Effect.allCases.map(\.name))
        case .toolClass, .ownClass: oneOf(ToolClass.allCases.map(\.rawValue))
        case .tier: oneOf(Tier.allCases.map(\.rawValue))
        case .stage: oneOf(TrustStage.allCases.map(\.rawValue))
        case .word(let list): oneOf(list)
        case .versionOne: ["const": 1]
        case .ruleID: spelled("[A-Za-z0-9][A-Za-z0-9-]{0,62}")
        case .toolReference: spelled("([a-z0-9][a-z0-9-]*\\.)?" + itemPattern)
        case .toolPattern: spelled("\\*|[a-z0-9][a-z0-9-]*\\.(\\*|" + itemPattern + ")")
        case .url: spelled("https?://[!-~]+")
        case .hostAndPort: spelled("[!-~]+:[0-9]{1,5}")
        case .lintCode: spelled("W[0-9]{3}")
        case .fieldPath: spelled("[^.]+(\\.[^.]+){0,15}")
        case .publicKey: spelled("ed25519:[A-Za-z0-9+/]{43}=")
        case .name(let kind): kind.jsonSchema
        }
    }
}

extension NameKind {
    fileprivate var jsonSchema: JSONValue {
        switch self {
        case .agent, .group, .task: spelled("[a-z0-9][a-z0-9-]{0,62}")
        case .server: spelled("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
        case .tool, .item: spelled("[A-Za-z0-9_.-]{1,128}")
        case .effect: oneOf(Effect.allCases.map(\.name))
        case .tier: oneOf(Tier.allCases.map(\.rawValue))
        case .qualifiedTool: spelled("[a-z0-9][a-z0-9-]*\\." + itemPattern)
        case .field: spelled("[^.]+(\\.[^.]+){0,15}")
        case .variable: spelled("[^=]+")
        case .counter: spelled(".+")
        }
    }
}

/// The pattern of a tool, a resource or a prompt.
private let itemPattern = "((resource|prompt):)?[A-Za-z0-9_.-]{1,128}"

private func spelled(_ pattern: String) -> JSONValue {
    ["type": "string", "pattern": .string("^(" + pattern + ")$")]
}

private func oneOf(_ words: [String]) -> JSONValue { ["enum": .array(words.map { .string($0) })] }
