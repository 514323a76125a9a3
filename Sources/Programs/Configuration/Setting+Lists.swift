import InterlockCredentials
import InterlockLimits
import InterlockModel
import InterlockPolicy

extension Setting {
    static func texts(_ name: String, _ path: Path<[String]>, _ about: String) -> Setting {
        list(name, path, about, form: "list of texts", expected: "a list", text: Notation.quoted) {
            (node, texts) throws(ValueError) in
            guard let text = node.scalarText else { throw ValueError(expected: "a list of texts") }
            texts.append(text)
        }
    }

    /// `["https://idp.internal.example"]`
    static func origins(_ name: String, _ path: Path<[String]>, _ about: String) -> Setting {
        list(
            name, path, about, form: "list of origins", expected: "a list of origins",
            text: Notation.quoted
        ) { (node, origins) throws(ValueError) in
            guard let uri = node.scalarText.flatMap({ CanonicalURI($0) }), uri.path.isEmpty else {
                throw ValueError(
                    expected:
                        "a list of origins without a path, such as \"https://idp.internal.example\""
                )
            }
            origins.append(uri.origin)
        }
    }

    /// A list of tools, such as `[crm.send]`.
    static func tools(_ name: String, _ path: Path<Set<ToolAddress>>, _ about: String) -> Setting {
        let expected = "a list of tools, such as [crm.send]"
        return Setting(
            name, path, about, form: "list of tools",
            text: { Notation.list($0.sorted().map(\.description)) },
            read: { (node) throws(ValueError) in
                var tools: Set<ToolAddress> = []
                for node in try node.elements(expected) {
                    guard let tool = node.scalarText.flatMap({ ToolAddress(dotted: $0) }) else {
                        throw ValueError(expected: expected)
                    }
                    tools.insert(tool)
                }
                return tools
            })
    }

    /// `{server__tool: D2}`; a resource or prompt is `server__resource:name`.
    static func strengths(_ name: String, _ path: Path<[ToolAddress: Durability]>, _ about: String)
        -> Setting
    {
        tools(
            name, path, about, form: "tools, resources and prompts with `D1` or `D2`",
            expected: "tools with a strength, such as {tickets__close: D2}",
            text: { "\($0.wireName): \($1.rawValue)" },
            add: { (entry, strengths) throws(ValueError) in
                guard let tool = ToolAddress(itemWireName: entry.key) else {
                    throw ValueError(
                        expected:
                            "keyed by tools, such as tickets__close, or tickets__resource:note")
                }
                guard let strength = entry.value.scalarText.flatMap({ Durability(rawValue: $0) }),
                    strength > .local
                else { throw ValueError(expected: "`D1` or `D2` for each tool") }
                strengths[tool] = strength
            })
    }

    /// Tools that agents poll until something changes, such as `{deploy.status: 200}`.
    static func polls(_ name: String, _ path: Path<[ToolAddress: Int]>, _ about: String) -> Setting
    {
        let range = AgentBreakerSettings.Bounds.sameRead
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        let expected = "tools with a number from \(bounds), such as {deploy.status: 200}"
        return tools(
            name, path, about, form: "tools with \(bounds)", expected: expected,
            text: { "\($0): \($1)" },
            add: { (entry, polls) throws(ValueError) in
                guard let tool = ToolAddress(dotted: entry.key),
                    let count = entry.value.scalarText.flatMap(Notation.integer),
                    range.contains(count), polls.updateValue(count, forKey: tool) == nil
                else { throw ValueError(expected: expected) }
            })
    }

    /// `{crm.send_email: args.to}`
    static func recipients(_ name: String, _ path: Path<[ToolAddress: [String]]>, _ about: String)
        -> Setting
    {
        let expected = "a map of tools to fields of their arguments, such as {crm.send: args.to}"
        return tools(
            name, path, about, form: "`{SERVER.TOOL: args.FIELD}`", expected: expected, most: 1_000,
            text: { "\($0): \((["args"] + $1).joined(separator: "."))" },
            add: { (entry, fields) throws(ValueError) in
                guard let tool = ToolAddress(tool: entry.key), let path = entry.value.argumentPath,
                    fields.updateValue(path, forKey: tool) == nil
                else { throw ValueError(expected: expected) }
            })
    }

    /// `{crm.send_email: {field: args.to, max: 20/d}}`
    static func recipientLimits(
        _ name: String, _ path: Path<[ToolAddress: RecipientLimit]>, _ about: String
    ) -> Setting {
        let expected =
            "a map of tools to a field and a rate of 1 to 10000 an hour or a day, such as {crm.send: {field: args.to, max: 20/d}}"
        return tools(
            name, path, about, form: "`{SERVER.TOOL: {field: args.FIELD, max: N/d}}`",
            expected: expected, most: 1_000,
            text: {
                "\($0): {field: \((["args"] + $1.path).joined(separator: ".")), max: \($1.most)}"
            },
            add: { (entry, limits) throws(ValueError) in
                let fields = try Fields(
                    entry.value, of: "`\(entry.key)`", ["field", "max"], expected: expected)
                guard let tool = ToolAddress(tool: entry.key),
                    let path = fields["field"]?.argumentPath,
                    let rate = fields["max"]?.scalarText.flatMap({ PaceRate($0) }),
                    rate.seconds >= 3_600, let limit = RecipientLimit(path: path, most: rate),
                    limits.updateValue(limit, forKey: tool) == nil
                else { throw ValueError(expected: expected) }
            })
    }
}

extension ToolAddress {
    /// Parses `server.tool` of a tool, not of a resource or prompt.
    fileprivate init?(tool text: String) {
        guard let address = ToolAddress(dotted: text), ToolName(address.tool.text) != nil else {
            return nil
        }
        self = address
    }
}

extension YAMLNode {
    /// The names after `args.` in `args.field.member`; nil for another text.
    fileprivate var argumentPath: [String]? {
        guard
            let names = scalarText?.split(separator: ".", omittingEmptySubsequences: false),
            names.count > 1, names[0] == "args", names.allSatisfy({ !$0.isEmpty })
        else { return nil }
        return names.dropFirst().map(String.init)
    }
}
