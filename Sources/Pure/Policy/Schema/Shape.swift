package import InterlockJSON

/// The form that one location of a policy may have. The whole format is one value of this type
/// (`PolicySchema`), from which typing, the digested form and the reference are made.
package indirect enum Shape: Sendable {
    case scalar(ScalarType)
    /// `unordered`: the order has no meaning, so the digested form is sorted. `single`: one element may be
    /// written without the list.
    case list(Shape, unordered: Bool = false, single: Bool = false)
    case map(NameKind, Shape)
    case record(Record)
    /// A short form: a scalar or absent value is expanded before it is typed.
    case shorthand(Shorthand, Shape)
    /// Any YAML, read as JSON (docs/specs/policy.md, section 2.2).
    case json
}

/// A mapping with known keys.
package final class Record: Sendable {
    /// The name in messages, with its article: `an agent`.
    let name: String
    package let fields: [Field]
    /// The keys of which exactly one must be stated; empty if there is no such rule.
    let oneOf: [String]
    /// The kind of keys that are allowed in addition to the known ones.
    let others: Others?
    /// The digested fields in the order of the canonical form, which is that of their keys.
    let digested: [Field]
    let required: [Field]

    package struct Others: Sendable {
        let keys: NameKind
        let shape: Shape
    }

    package init(
        _ name: String, oneOf: [String] = [], others: Others? = nil,
        @FieldList _ list: () -> [Field]
    ) {
        let fields = list()
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

/// Collects the fields of a record, one on each line.
@resultBuilder package enum FieldList {
    package static func buildExpression(_ field: Field) -> [Field] { [field] }
    package static func buildExpression(_ fields: [Field]) -> [Field] { fields }
    package static func buildBlock(_ parts: [Field]...) -> [Field] { parts.flatMap { $0 } }
}

package final class Field: Sendable {
    package let key: String
    let shape: Shape
    /// One sentence for the reference.
    let about: String
    let isRequired: Bool
    /// The value in the digested form if the key is absent; for a map, the rows that are filled in.
    let defaultValue: JSONValue?
    /// True if the policy digest covers the field (docs/specs/policy.md, section 6.2).
    let isDigested: Bool

    package init(
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

/// The kind of name that a key of a map is.
package enum NameKind: String, Sendable {
    case agent, server, tool, item, group, effect, tier, qualifiedTool, field, variable, counter
    case task
}

/// Short forms that replace a mapping or list (docs/specs/policy.md, sections 2.4 and 3).
package enum Shorthand: Sendable {
    /// `trusted` for `{is: trusted}`
    case stage
    /// `read` for `{class: read}`, any other word for `{tool: word}`
    case grant
    /// An absent value for `[read]`
    case scope
    /// `isolated, network egress = none` for `{profile: isolated, egress: []}`
    case sandbox
    /// `org-wide, tested monthly` for `{scope: org-wide, drill_every: 31d}`
    case killSwitch
    /// `2027-02-01` for `{on: "2027-02-01"}`
    case rotation
    /// `bytes` for `{is: bytes}`
    case unit
    /// `mon-fri` for `[mon, tue, wed, thu, fri]`
    case days
    /// `host:port`, which is not expanded; a mapping has the sandbox's form
    case egress
}
