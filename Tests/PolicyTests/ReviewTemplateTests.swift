import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// Review templates, `approvals/<server>.yaml` (docs/specs/approvals.md, section 7).
@Suite struct ReviewTemplateTests {
    private static let full = """
        billing.refund_request:
          target: "order {args.order}"
          quantity: {value: args.amount_cents, unit: "{args.currency} cents", total: day}
          reversible: "no; a refund can only be charged again by hand"
          preview: {tool: billing.get_invoice, args: {order: "{args.order}"}, show: [total_cents, refunded_cents]}
          preconditions: [refunded_cents]
          leaves_to: args.recipient
        """
    private let arguments: JSONValue = [
        "amount_cents": 42000, "currency": "EUR", "order": "A-1009",
    ]

    private func read(_ text: String) throws -> ReviewTemplates {
        TemplateReader.read(
            Array(text.utf8), of: try #require(ServerName("billing")),
            file: "approvals/billing.yaml")
    }

    private func template(_ text: String = full) throws -> ReviewTemplate {
        let reading = try read(text)
        try #require(reading.findings.isEmpty, "\(reading.findings.map(\.text))")
        return try #require(reading.byTool.values.first)
    }

    @Test func `the specification's example is read and filled`() throws {
        let template = try template()
        #expect(template.tool.description == "billing.refund_request")
        #expect(template.preconditions == ["refunded_cents"] && template.uses == 1)
        #expect(template.quantity?.hasTotal == true)
        let filled = try template.filled(from: arguments, units: .none)
        #expect(filled.target == "order A-1009" && filled.amount?.unit == "EUR cents")
        #expect(filled.amount?.value == 42000 && filled.leavesTo == nil)
        #expect(filled.facts["quantity"] == "42000 EUR cents")
        #expect(filled.reversal?.isPossible == false)
        #expect(filled.reversal?.how == "a refund can only be charged again by hand")
        #expect(try template.preview?.arguments(for: arguments) == ["order": "A-1009"])
    }

    @Test func `an argument that the call lacks is named, never left out`() throws {
        let template = try template()
        do throws(TemplateGap) {
            _ = try template.filled(from: ["amount_cents": 1, "order": "x"], units: .none)
            Issue.record("it was filled")
        } catch {
            #expect(error.path.description == "args.currency")
        }
        #expect(throws: TemplateGap.self) { try template.preview?.arguments(for: ["a": 1]) }
    }

    @Test func `a quantity has the declared unit, else it says that there is none`() throws {
        let old = try template()
        let new = try template(Self.full.replacing(", unit: \"{args.currency} cents\"", with: ""))
        let path = try #require(ArgumentPath("args.amount_cents"))
        let currency = try #require(ArgumentPath("args.currency"))
        let units = ToolUnits([
            ArgumentUnit(
                argument: path, kind: .money(.minor, .argument(currency)), place: new.place,
                path: "")
        ])
        for template in [old, new] {
            #expect(
                try template.filled(from: arguments, units: units).facts["quantity"]
                    == "420.00 EUR (42000)")
        }
        #expect(
            try new.filled(from: arguments, units: .none).facts["quantity"]
                == "42000 (unit not declared)")
    }

    @Test func `the former unit of a template is a warning that names the new form`() throws {
        let reading = try read(Self.full)
        let set = TemplateSet(Array(reading.byTool.values), OpenSSLHashing())
        let policy = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers: {billing: {tools: {get_invoice: {class: read}, \
            refund_request: {class: write, effects: [spends_money]}}}}
            """
        let document = try #require(PolicyReader.read(policyFiles(policy)).document)
        let findings = set.findings(under: document)
        #expect(findings.map(\.code) == [.unitInTemplate])
        #expect(findings.first?.place.description == "approvals/billing.yaml:3:46")
        #expect(findings.first?.help?.contains("units: {amount_cents: ") == true)
    }

    @Test(
        arguments: [
            ("billing.refund_request", [.taskWithoutPreview]),
            ("billing.refund_request, billing.get_invoice", []), ("billing.get_invoice", []),
        ] as [(String, [FindingCode])])
    func `a task that has a tool and not its preview is a warning`(
        tools: String, expected: [FindingCode]
    ) throws {
        let full = Self.full.replacing(", unit: \"{args.currency} cents\"", with: "")
        let set = TemplateSet(Array(try read(full).byTool.values), OpenSSLHashing())
        let policy = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers: {billing: {tools: {get_invoice: {class: read}, \
            refund_request: {class: write, effects: [spends_money]}}}}
            agents: {clerk: {owner: li@acme.example, purpose: Helps people, tier: low, \
            stage: supervised, review_by: "2027-02-01", \
            mcp_scopes: {billing: [get_invoice, refund_request]}}}
            tasks: {refund: {agent: clerk, tools: [\(tools)]}}
            """
        let document = try #require(PolicyReader.read(policyFiles(policy)).document)
        let findings = set.findings(under: document)
        #expect(findings.map(\.code) == expected)
        #expect(
            findings.allSatisfy { $0.text.contains("`billing.get_invoice` is not in the task") })
    }

    @Test func `a placeholder alone keeps its kind, among words it is text`() throws {
        let alone = try #require(TemplateText("{args.n}"))
        #expect(try alone.value(from: ["n": 7]) == 7)
        let among = try #require(TemplateText("no. {args.n} of {args.to.all}"))
        #expect(try among.value(from: ["n": 7, "to": ["all": [1, 2]]]) == "no. 7 of [1,2]")
    }

    @Test(arguments: [
        "", "{", "}", "{args.a", "args.a}", "{{args.a}}", "{args}", "{args.}", "{args.a.}",
        "{ args.a }", "{call.a}", "{args.a[0]}", "{args.ä}",
        String(repeating: "x", count: TemplateText.largest + 1),
        String(repeating: "{args.a} ", count: 40),
    ])
    func `text with other braces is refused`(text: String) {
        #expect(TemplateText(text) == nil)
    }

    @Test func `every change of a template is another digest`() throws {
        let hashing = OpenSSLHashing()
        let digest = try template().digest(hashing)
        #expect(try template(Self.full + "\n").digest(hashing) == digest)
        for (old, new) in [
            ("order {", "Order {"), ("args.amount_cents", "args.amount"), (", total: day", ""),
            ("{args.currency} cents", "{args.currency}"), ("no; a", "yes; a"), ("by hand", "again"),
            ("get_invoice", "get_order"), ("args: {order:", "args: {id:"),
            ("[total_cents, refunded_cents]", "[refunded_cents, total_cents]"),
            ("[refunded_cents]", "[total_cents]"), ("args.recipient", "args.to"),
        ] {
            let changed = Self.full.replacing(old, with: new)
            try #require(changed != Self.full, "\(old)")
            #expect(try template(changed).digest(hashing) != digest, "\(old)")
        }
    }

    @Test(arguments: [
        ("other.tool:\n  target: x", "E210"), ("refund:\n  target: x", "E214"),
        ("billing.a:\n  targets: x", "E201"), ("billing.a:\n  target: \"{x}\"", "E203"),
        ("billing.a:\n  repeat: 2", "E205"), ("billing.a:\n  repeat: 11", "E205"),
        ("billing.a:\n  repeat: 2\n  reversible: \"no; never\"", "E205"),
        ("billing.a:\n  reversible: maybe", "E203"),
        ("billing.a:\n  preconditions: [b]", "E204"),
        ("billing.a:\n  preview: {tool: b, show: [c]}", "E210"),
        ("billing.a:\n  preview: {tool: billing.b}", "E204"),
        ("billing.a:\n  preview: {tool: billing.b, show: [\"c d\"]}", "E214"),
        ("billing.a:\n  quantity: {value: amount}", "E203"),
        ("billing.a:\n  quantity: {value: args.a, total: week}", "E203"),
        ("billing.a:\n  leaves_to: recipient", "E203"),
        ("billing.a:\n  target: x\nbilling.a:\n  target: y", "E108"),
        ("billing.a: &x\n  target: x", "E103"), ("- a", "E202"), ("", "E110"),
    ])
    func `what is not right is said, and then there is no template`(
        _ text: String, _ code: String
    ) throws {
        let reading = try read("billing.good:\n  target: x\n" + (text.hasPrefix("b") ? text : ""))
        let bad = text.hasPrefix("b") ? reading : try read(text)
        #expect(bad.findings.map(\.code.rawValue).contains(code), "\(bad.findings.map(\.text))")
        #expect(bad.byTool.isEmpty)
    }
}
