package import InterlockModel

/// The templates of one file, `approvals/<server>.yaml`.
///
/// INVARIANT: a template file that is read in part is refused whole, and an argument that a call lacks is named,
/// never omitted. Kept by `ReviewTemplateTests`, `Fuzz/Template`.
package struct ReviewTemplates: Sendable {
    package let byTool: [ToolAddress: ReviewTemplate]
    /// The findings, by location. If one is an error, there are no templates: no call is shown with half of
    /// them.
    package let findings: [Finding]

    package static let mostOfFile = YAMLLimits.toolsOfServer

    /// - Parameters:
    ///   - root: the tree, or nil if the file could not be parsed as YAML.
    ///   - server: the server that the file is named for; the file must not describe tools of other
    ///     servers.
    ///   - earlier: the findings of parsing the YAML.
    package init(_ root: YAMLNode?, of server: ServerName, file: String, earlier: [Finding] = []) {
        var typing = Typing(file: file)
        var found: [ToolAddress: ReviewTemplate] = [:]
        var findings = Findings()
        findings.add(contentsOf: earlier)
        if let root,
            let value = typing.type(
                root, as: .map(.qualifiedTool, .record(Self.record)), path: "", label: "a template")
        {
            if value.members.count > Self.mostOfFile {
                findings.add(
                    .tooLarge, at: value.place, "more than \(Self.mostOfFile) templates in a file")
            }
            for member in value.members.prefix(Self.mostOfFile) {
                var reading = TemplateReading(member, server)
                if let template = reading.template() { found[template.tool] = template }
                findings.add(contentsOf: reading.findings.unsorted)
            }
        }
        findings.add(contentsOf: typing.findings.unsorted)
        self.findings = findings.all
        byTool = findings.hasErrors ? [:] : found
    }

    static let record = Record("a review template") {
        Field("target", .scalar(.text), "What the call is about.")
        Field("quantity", .record(quantity), "How much it is about.")
        Field("reversible", .scalar(.text), "`yes` or `no`, then `;` and how to undo it.")
        Field("preview", .record(preview), "A read that shows what is there before.")
        Field(
            "preconditions", .list(.scalar(.text)),
            "Fields of the preview that must be the same when the call is sent.")
        Field("leaves_to", .scalar(.text), "The argument that says to whom data leaves.")
        Field(
            "repeat",
            .scalar(
                .integer(
                    Int64(ReviewTemplate.uses.lowerBound)...Int64(ReviewTemplate.uses.upperBound))),
            "How often one approval may be used.")
    }

    private static let quantity = Record("a quantity") {
        Field("value", .scalar(.text), "The argument with the amount.", required: true)
        Field(
            "unit", .scalar(.text),
            "What the amount is counted in, a former form: declare `units` in the tool's entry.")
        Field("total", .scalar(.word(["day"])), "Whether the day's sum is shown.")
    }

    private static let preview = Record("a preview") {
        Field("tool", .scalar(.toolReference), "A tool that only reads.", required: true)
        Field("args", .map(.field, .scalar(.text)), "Its arguments.")
        Field("show", .list(.scalar(.text)), "Members of its result.", required: true)
    }
}

/// Reads one template from typed YAML.
private struct TemplateReading {
    let member: TypedValue.Member
    let server: ServerName
    var findings = Findings()

    init(_ member: TypedValue.Member, _ server: ServerName) {
        self.member = member
        self.server = server
    }

    mutating func template() -> ReviewTemplate? {
        let value = member.value
        guard let tool = ToolAddress(written: member.key), tool.server == server else {
            return refuse(
                .noSuchTool, member.keyPlace,
                "`\(member.key)` is no tool of `\(server.text)`, which the file is named for")
        }
        let preview = preview(value["preview"])
        let reversal = reversal(value["reversible"])
        let uses = Int(value["repeat"]?.integer ?? 1)
        if uses > 1, reversal?.isPossible != true, let place = value["repeat"]?.place {
            findings.add(
                .outOfRange, at: place, path: value["repeat"]?.path ?? "",
                "repeat: only what is `reversible: yes` may be repeated")
        }
        let template = ReviewTemplate(
            tool: tool, place: member.keyPlace, target: text(value["target"]),
            quantity: quantity(value["quantity"]),
            reversal: reversal, preview: preview,
            preconditions: preconditions(value["preconditions"], preview),
            leavesTo: value["leaves_to"].flatMap { argument($0) }, uses: uses)
        return findings.hasErrors ? nil : template
    }

    private mutating func quantity(_ value: TypedValue?) -> ReviewTemplate.Quantity? {
        guard let value, let amount = value["value"].flatMap({ argument($0) }) else { return nil }
        return ReviewTemplate.Quantity(
            value: amount, unit: text(value["unit"]), unitPlace: value["unit"]?.place,
            hasTotal: value["total"] != nil)
    }

    private mutating func reversal(_ value: TypedValue?) -> ReviewTemplate.Reversal? {
        guard let value, let text = value.text else { return nil }
        let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        let how = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        guard let word = parts.first, word == "yes" || word == "no",
            text.utf8.count <= TemplateText.largest
        else {
            return refuse(
                .wrongType, value.place, "reversible: begins with `yes` or `no`, then `; how`")
        }
        return ReviewTemplate.Reversal(isPossible: word == "yes", how: how)
    }

    private mutating func preview(_ value: TypedValue?) -> ReviewTemplate.Preview? {
        guard let value, let name = value["tool"] else { return nil }
        guard let tool = name.text.flatMap(ToolAddress.init(written:)) else {
            return refuse(.noSuchTool, name.place, "preview: the tool is named as `server.tool`")
        }
        var arguments: [String: TemplateText] = [:]
        for member in value["args"]?.members ?? [] { arguments[member.key] = text(member.value) }
        return ReviewTemplate.Preview(
            tool: tool, place: name.place, arguments: arguments, show: names(value["show"]))
    }

    private mutating func preconditions(
        _ value: TypedValue?, _ preview: ReviewTemplate.Preview?
    ) -> [String] {
        guard let value else { return [] }
        guard preview != nil else {
            return refuse(
                .missingKey, value.place, "preconditions: are fields of a `preview`") ?? []
        }
        return Set(names(value)).sorted()
    }

    private mutating func names(_ list: TypedValue?) -> [String] {
        (list?.items ?? []).compactMap { item -> String? in
            guard let text = item.text, ArgumentPath.isName(text) else {
                return refuse(.malformedName, item.place, "a member of the preview's result")
            }
            return text
        }
    }

    private mutating func text(_ value: TypedValue?) -> TemplateText? {
        guard let value, let text = value.text else { return nil }
        return TemplateText(text)
            ?? refuse(
                .wrongType, value.place,
                "`\(text)`: braces hold an argument, as `{args.order}`; at most \(TemplateText.largest) bytes"
            )
    }

    private mutating func argument(_ value: TypedValue) -> ArgumentPath? {
        guard let text = value.text else { return nil }
        return ArgumentPath(text)
            ?? refuse(.wrongType, value.place, "`\(text)` is no argument, as `args.order`")
    }

    private mutating func refuse<Value>(
        _ code: FindingCode, _ place: PolicyLocation, _ message: String
    ) -> Value? {
        findings.add(code, at: place, path: member.value.path, message)
        return nil
    }
}

extension ToolAddress {
    /// Parses `billing.refund_request`: the first dot separates server and tool.
    fileprivate init?(written text: String) {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")),
            let server = ServerName(String(text[..<dot])),
            let tool = ToolName(String(text[text.utf8.index(after: dot)...]))
        else { return nil }
        self.init(server: server, tool: tool)
    }
}
