import InterlockApprovals
import InterlockModel
import Testing

@Suite struct PeopleOrderTests {
    private static let start =
        #"{"add":["kill"],"at":"2026-11-20T10:04:05.123456Z","author":"qAtvNSliVAlAcLHGLhmnpA==","#
    private static let end =
        #""id":"01kag0r2b4d6f8h0k2m4p6r8t0","org":"acme","person":"li@acme.example","#
        + #""reason":"on call from December","remove":["resume"],"type":"people","v":1}"#

    @Test func `an order reads back as it is written, in one spelling`() throws {
        let bytes = Array((Self.start + #""deed":"role","# + Self.end).utf8)
        let order = try PeopleOrder(parsing: bytes)
        #expect(
            order.action
                == .role(try #require(Person("li@acme.example")), add: [.kill], remove: [.resume]))
        #expect(try order.canonical() == bytes)
    }

    @Test func `an offered key names the invitation and nothing else`() throws {
        let bytes = Array(
            (#"{"at":"2026-11-20T10:04:05.123456Z","author":"qAtvNSliVAlAcLHGLhmnpA==","#
                + #""deed":"enrol","id":"01kag0r2b4d6f8h0k2m4p6r8t0","#
                + #""invitation":"sha256:a28f1786fb86e8ae9db400f01d47ad3eee5cc9cf4bba6c0b020887fb53ed37d1","#
                + #""org":"acme","reason":"enrols this key","type":"people","v":1}"#).utf8)
        let order = try PeopleOrder(parsing: bytes)
        guard case .enrol(let invitation) = order.action else {
            Issue.record("another deed: \(order.action)")
            return
        }
        #expect(invitation.hex.hasPrefix("a28f1786"))
        #expect(try order.canonical() == bytes)
    }

    private static func token(_ only: String, _ seconds: String = "3600") -> [UInt8] {
        Array(
            (#"{"agent":"refunds","at":"2026-11-20T10:04:05.123456Z","#
                + #""author":"qAtvNSliVAlAcLHGLhmnpA==","deed":"issue_agent_token","#
                + #""id":"01kag0r2b4d6f8h0k2m4p6r8t0","lasts_s":\#(seconds),"only":\#(only),"#
                + #""org":"acme","purpose":"Ticket 5512","reason":"a run for a ticket","#
                + #""type":"people","v":1}"#).utf8)
    }

    @Test func `a token of an agent is asked for in one spelling`() throws {
        let bytes = Self.token(#"["crm","tickets.search"]"#)
        let order = try PeopleOrder(parsing: bytes)
        let agent = try #require(AgentName("refunds"))
        let request = AgentTokenRequest(
            agent: agent, purpose: "Ticket 5512", only: ["crm", "tickets.search"], seconds: 3600)
        #expect(order.action == request.map { .issueAgentToken($0) })
        #expect(try order.canonical() == bytes)
        #expect(try PeopleOrder(parsing: Self.token("[]", "2678400")).canonical().count > 0)
    }

    @Test(arguments: [
        (#"["crm","crm"]"#, "3600"), (#"[""]"#, "3600"), (#""crm""#, "3600"), ("[]", "59"),
        ("[]", "2678401"), ("[]", "3600.5"),
    ])
    func `a token of an agent has bounds`(_ only: String, _ seconds: String) {
        #expect(throws: FormError.self) { try PeopleOrder(parsing: Self.token(only, seconds)) }
    }

    @Test(arguments: [
        #""deed":"role ","#, #""deed":"invite","#, #""deed":"revoke","#, #""deed":"confirm","#,
        #""deed":"enrol","#,
        "",
        #""deed":"role","more":1,"#,
    ])
    func `an order has the members of its deed and no others`(_ action: String) {
        #expect(throws: FormError.self) {
            try PeopleOrder(parsing: Array((Self.start + action + Self.end).utf8))
        }
    }

    @Test(arguments: [
        ("\"kill\"]", "\"resume\"]"), ("[\"kill\"]", "[\"root\"]"),
        ("[\"kill\"]", "[\"kill\",\"kill\"]"), ("[\"kill\"]", "[\"resume\",\"kill\"]"),
        ("li@acme.example", "Li@acme.example"), ("on call from December", "short"),
        ("123456Z", "123Z"), ("\"v\":1", "\"v\":2"), ("\"people\"", "\"halt\""),
        ("qAtvNSliVAlAcLHGLhmnpA==", "li@acme.example"),
    ])
    func `what is not fit in an order is refused`(_ old: String, _ new: String) throws {
        let text = Self.start + #""deed":"role","# + Self.end
        let pieces = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(pieces.count == 2)
        #expect(throws: FormError.self) {
            try PeopleOrder(parsing: Array((pieces[0] + new + pieces[1]).utf8))
        }
    }

    @Test func `a change of roles changes something`() throws {
        let person = try #require(Person("li@acme.example"))
        #expect(throws: FormError.self) {
            try PeopleOrder(
                id: OrderID(milliseconds: 1, random: [UInt8](repeating: 0, count: 10)),
                org: "acme", content: .role(person, add: [], remove: []), reason: "nothing at all",
                author: Pseudonym(text: "qAtvNSliVAlAcLHGLhmnpA=="),
                at: Timestamp(microseconds: 0))
        }
    }
}

@Suite struct `Orders about tokens of services` {
    private func bytes(_ action: String, _ more: (String, String) = ("", "")) -> [UInt8] {
        Array(
            (#"{"at":"2026-11-20T10:04:05.123456Z","author":"qAtvNSliVAlAcLHGLhmnpA==","deed":"#
                + "\"\(action)\"" + #","id":"01kag0r2b4d6f8h0k2m4p6r8t0","org":"acme","#
                + #""reason":"reads for the board","# + more.0
                + #""service":"siem","type":"people","# + more.1 + #""v":1}"#).utf8)
    }
    private let role = "\"role\":\"security\","
    private let until = "\"until\":\"2027-01-01T00:00:00.000000Z\","

    @Test func `they read back as they are written, in one spelling`() throws {
        let issue = bytes("issue_token", (role, until))
        let order = try PeopleOrder(parsing: issue)
        guard case .issueToken(let service, .security, let end) = order.action else {
            Issue.record("another deed: \(order.action)")
            return
        }
        #expect(service.text == "siem" && end == Timestamp(rfc3339: "2027-01-01T00:00:00Z"))
        #expect(try order.canonical() == issue)
        let ended = try PeopleOrder(parsing: bytes("end_token"))
        #expect(ended.action == .endToken(service))
        #expect(try ended.canonical() == bytes("end_token"))
    }

    @Test func `they have the members of their deed and no others`() {
        for (action, more) in [
            ("issue_token", ("", "")), ("issue_token", (role, "")), ("issue_token", ("", until)),
            ("issue_token", ("\"role\":\"auditor\",", until)), ("end_token", (role, until)),
        ] {
            #expect(throws: FormError.self) { try PeopleOrder(parsing: bytes(action, more)) }
        }
    }
}
