import InterlockJSON

/// What may stand at one place of a policy. The whole format is one value of this type
/// (`PolicySchema`), from which typing, the digested form and the reference are made.
indirect enum Shape: Sendable {
    case scalar(ScalarType)
    /// `unordered`: order has no meaning, so the digested form sorts. `single`: one element may stand
    /// without the list.
    case list(Shape, unordered: Bool = false, single: Bool = false)
    case map(NameKind, Shape)
    case record(Record)
    /// A scalar or empty value is written out in full before it is typed.
    case shorthand(Shorthand, Shape)
    /// Any YAML, read as JSON (specs of the policy, 2.2).
    case json
}

/// A mapping with known keys.
final class Record: Sendable {
    /// As messages call it, with its article: `an agent`.
    let name: String
    let fields: [Field]
    /// Exactly one of these keys has to be stated; empty: no such rule.
    let oneOf: [String]
    /// Keys of this kind are allowed besides the known ones.
    let others: Others?
    /// The digested fields in the order of the canonical form, which is that of their keys.
    let digested: [Field]
    let required: [Field]

    struct Others: Sendable {
        let keys: NameKind
        let shape: Shape
    }

    init(
        _ name: String, _ fields: [Field], oneOf: [String] = [], others: Others? = nil
    ) {
        self.name = name
        self.oneOf = oneOf
        self.fields = fields
        self.others = others
        digested = fields.filter(\.isDigested).sorted { precedesInUTF16($0.key, $1.key) }
        required = fields.filter(\.isRequired)
    }

    func field(_ key: String) -> Field? {
        for field in fields where field.key == key { return field }
        return nil
    }
}

final class Field: Sendable {
    let key: String
    let shape: Shape
    /// One sentence for the reference.
    let about: String
    let isRequired: Bool
    /// What the digested form holds when the key is absent; for a map, the rows that are filled in.
    let defaultValue: JSONValue?
    /// Whether the policy digest covers it (6.2).
    let isDigested: Bool

    init(
        _ key: String, _ shape: Shape, _ about: String, required: Bool = false,
        default value: JSONValue? = nil, digested: Bool = true
    ) {
        self.key = key
        self.shape = shape
        self.about = about
        isRequired = required
        defaultValue = value
        isDigested = digested
    }
}

/// What a key of a map names.
enum NameKind: String, Sendable {
    case agent, server, tool, item, group, effect, tier, qualifiedTool, field, variable, counter
}

/// Short forms that stand for a mapping or list (specs of the policy, 2.4 and 3).
enum Shorthand: Sendable {
    /// `trusted` for `{is: trusted}`
    case stage
    /// `read` for `{class: read}`, any other word for `{tool: word}`
    case grant
    /// Nothing for `[read]`
    case scope
    /// `isolated, network egress = none` for `{profile: isolated, egress: []}`
    case sandbox
    /// `org-wide, tested monthly` for `{scope: org-wide, drill_every: 31d}`
    case killSwitch
    /// `mon-fri` for `[mon, tue, wed, thu, fri]`
    case days
    /// `host:port` for itself; a mapping is the sandbox's form
    case egress
}
