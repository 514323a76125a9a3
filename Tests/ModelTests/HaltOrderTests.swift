import InterlockJSON
import InterlockModel
import Testing

@Suite struct HaltOrderTests {
    /// The example of docs/specs/kill-switch.md, section 3; `CryptoTests` verifies its digest and signature with the
    /// real keys.
    private let example = """
        {"at":"2026-11-20T10:04:05.123456Z","author":"qAtvNSliVAlAcLHGLhmnpA==",\
        "id":"01kag0r2b4d6f8h0k2m4p6r8t0","org":"acme",\
        "reason":"repeated refunds to one account","scope":"agent","target":"refunds","type":"halt",\
        "v":1}
        """

    @Test func `the example of the specification is read and written again byte for byte`() throws {
        let order = try HaltOrder(parsing: Array(example.utf8))
        #expect(order.target == .agent(try #require(AgentName("refunds"))))
        #expect(order.reason == "repeated refunds to one account")
        #expect(try order.canonical() == Array(example.utf8))
        #expect(example.utf8.count == 217)
    }

    @Test(arguments: [
        ("\"v\":1", "\"v\":2"), ("\"v\":1", "\"v\":\"1\""), ("\"v\":1", "\"v\":1.0"),
        ("\"type\":\"halt\"", "\"type\":\"release\""),
        ("\"scope\":\"agent\"", "\"scope\":\"planet\""),
        ("\"target\":\"refunds\"", "\"target\":\"Refunds\""),
        ("\"target\":\"refunds\"", "\"target\":\"*\""),
        ("\"target\":\"refunds\"", "\"target\":null"),
        ("repeated refunds to one account", "short"),
        ("repeated refunds to one account", "two lines\\nof a reason"),
        ("repeated refunds to one account", "          "),
        ("2026-11-20T10:04:05.123456Z", "2026-11-20T10:04:05Z"),
        ("2026-11-20T10:04:05.123456Z", "2026-13-20T10:04:05.123456Z"),
        ("2026-11-20T10:04:05.123456Z", "2026-11-20T11:04:05.123456+01:00"),
        ("qAtvNSliVAlAcLHGLhmnpA==", "qAtvNSliVAlAcLHGLhmnpA"),
        ("qAtvNSliVAlAcLHGLhmnpA==", "qAtvNSliVAlAcLHGLhmnpB=="),
        ("01kag0r2b4d6f8h0k2m4p6r8t0", "01KAG0R2B4D6F8H0K2M4P6R8T0"),
        ("\"v\":1}", "\"v\":1,\"x\":1}"), ("\"v\":1}", "\"v\":1} "), ("{\"at\"", "{ \"at\""),
        ("\"org\":\"acme\",", ""), ("\"org\":\"acme\"", "\"local\":false,\"org\":\"acme\""),
    ])
    func `an order with one thing changed is refused`(_ old: String, _ new: String) throws {
        let text = example.replacing(old, with: new)
        try #require(text != example)
        #expect(throws: FormError.self) { try HaltOrder(parsing: Array(text.utf8)) }
    }

    @Test func `an order cut short at any byte is refused`() {
        let bytes = Array(example.utf8)
        for count in 0..<bytes.count {
            #expect(throws: FormError.self) { try HaltOrder(parsing: Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: [
        ("org", "*"), ("owner", "qAtvNSliVAlAcLHGLhmnpA=="), ("agent", "refunds"),
        ("server", "billing"), ("tool", "billing.refund.request_v2"),
        ("run", "01kag0q9v4x2m7c8d3e5f6g7h8"),
    ])
    func `every scope has one written form`(_ scope: String, _ target: String) throws {
        let parsed = try #require(HaltTarget(scope: scope, target: target))
        #expect(parsed.scope == scope)
        #expect(parsed.target == target)
    }

    @Test(arguments: [
        ("org", "acme"), ("owner", "li@acme.example"), ("agent", "*"), ("server", "billing.refund"),
        ("tool", "billing"), ("tool", "billing."), ("tool", ".refund"), ("run", "refunds"),
        ("planet", "*"), ("agent", ""),
    ])
    func `a target that is not of its scope is refused`(_ scope: String, _ target: String) {
        #expect(HaltTarget(scope: scope, target: target) == nil)
    }

    @Test func `a reason has 8 to 500 characters, of any script`() {
        #expect(!isFitReason("1234567"))
        #expect(isFitReason("12345678"))
        #expect(isFitReason(String(repeating: "é", count: 500)))
        #expect(!isFitReason(String(repeating: "é", count: 501)))
        #expect(isFitReason(fittingReason("x")))
        #expect(isFitReason(fittingReason(String(repeating: "\u{1b}[31mred\n", count: 200))))
    }

    @Test func `a release names distinct halts and distinct people`() throws {
        let org = Org()
        let good = try org.release(9, of: [1, 2])
        let order = try ReleaseOrder(parsing: good.payload)
        #expect(order.halts == [org.id(1), org.id(2)])
        #expect(try order.canonical() == good.payload)
        #expect(throws: FormError.self) { try org.release(9, of: [1, 1]) }
        #expect(throws: FormError.self) { try org.release(9, of: []) }
        #expect(throws: FormError.self) { try org.release(9, of: [1], authors: []) }
        #expect(throws: FormError.self) {
            try org.release(9, of: [1], authors: [org.li, org.li])
        }
        #expect(throws: FormError.self) { try org.release(9, of: [1], after: -1) }
    }
}
