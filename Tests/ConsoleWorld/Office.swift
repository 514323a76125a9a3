package import InterlockApprovals
package import InterlockCredentials
package import InterlockJSON
package import InterlockModel

/// People, agents and requests for the console to show.
package struct ConsoleOffice: Sendable {
    package static let start = Timestamp(microseconds: 1_795_000_000_000_000)
    package let hashing = OpenSSLHashing()
    package let people: [Person]
    let keys: [Ed25519PrivateKey]

    package init() {
        people = (1...3).compactMap { Person("p\($0)@acme.example") }
        keys = (1...3).compactMap { Ed25519PrivateKey(seed: [UInt8](repeating: $0, count: 32)) }
        precondition(people.count == 3 && keys.count == 3)
    }

    package func voter(_ number: Int) -> Voter {
        Voter(
            person: people[number],
            pseudonym: Pseudonym(
                text: Base64.encode([UInt8](repeating: UInt8(number + 1), count: 16))))
    }

    /// - Parameters:
    ///  - number: determines the identifier; 0 to 65,535.
    ///  - voters: indices in `people`.
    package func request(
        _ number: Int, arguments: JSONValue = ["order": "A-1009"], agent: String = "refunds",
        quorum: Int = 1, tier: Tier = .medium, group: String = "finance",
        facts: JSONObject = ["owner": "p9@acme.example", "purpose": "answer tickets"],
        effects: EffectSet = [EffectSet(.spendsMoney), EffectSet(.irreversible)],
        voters: [Int] = [0, 1], life: Duration = .seconds(900), now: Timestamp = start
    ) throws -> ApprovalRequest {
        let random = [UInt8](repeating: 7, count: 8) + [UInt8(number >> 8), UInt8(number & 255)]
        guard let agent = AgentName(agent), let server = ServerName("billing"),
            let tool = ToolName("refund_request")
        else { throw ApprovalRefusal.noSuchRequest }
        let call = try CanonicalCall(
            org: "acme", agent: agent, run: RunID(milliseconds: 1, random: random), subject: nil,
            address: ToolAddress(server: server, tool: tool), stage: .supervised,
            environment: "production", pin: hashing.sha256([1]), arguments: arguments)
        let review = try ReviewDocument(
            request: ApprovalID(milliseconds: 1, random: random), revision: 1, call: call,
            policy: hashing.sha256([2]),
            decision: ReviewedDecision(
                quorum: quorum, group: group, tier: tier, rule: "agents/refunds.yaml#3",
                place: "agents/refunds.yaml:12:5", effects: effects),
            facts: .object(facts), template: nil)
        return try ApprovalRequest(
            BoundReview(review, salt: [UInt8](repeating: 1, count: 32), hashing),
            call: CallID(milliseconds: 1, random: random), voters: voters.map(voter), life: life,
            now: now)
    }

    /// The request after one person's signed vote was counted.
    package func voted(
        _ request: ApprovalRequest, _ verdict: Vote.Verdict, by number: Int,
        at now: Timestamp = start
    ) throws -> ApprovalRequest {
        let vote = try vote(on: request, verdict, by: number, at: now)
        var request = request
        if case .refused(let refusal) = request.handle(.vote(vote), at: now) { throw refusal }
        return request
    }

    /// The form of a probe after one person has decided it.
    package func probed(
        _ request: ApprovalRequest, _ verdict: Vote.Verdict, by number: Int, flaw: String
    ) throws -> ApprovalRequest {
        var probe = Probe(request, flaw: ProbeFlaw(.hidden, flaw))
        let vote = try vote(on: request, verdict, by: number, at: Self.start)
        if case .refused(let refusal) = probe.handle(.vote(vote), at: Self.start) { throw refusal }
        return probe.form
    }

    private func vote(
        on request: ApprovalRequest, _ verdict: Vote.Verdict, by number: Int, at now: Timestamp
    ) throws -> VerifiedVote {
        let member = voter(number)
        let trust = try AuthorizedKeys(
            org: "acme",
            people: [
                TrustedPerson(
                    person: member.person, pseudonym: member.pseudonym, roles: [],
                    keys: [
                        EnrolledKey(
                            key: keys[number].publicKey, added: Self.start, founding: true,
                            expires: nil, revoked: nil)
                    ])
            ], nodes: [])
        let vote = Vote(
            on: request, verdict, approver: member.pseudonym,
            nonce: [UInt8](repeating: UInt8(number), count: 32))
        let envelope = try PersonKey.file(keys[number]).envelope(.vote, try vote.canonical())
        return try VoteVerifier(trust: trust, verifier: OpenSSLVerifier()).verify(
            .key(envelope), tier: request.decision.tier, at: now)
    }
}

/// Arguments that pose as something else.
package enum Hostile {
    package static let texts = [
        "<script>document.title='owned'</script>", "\"><img src=//evil.example/x onerror=alert(1)>",
        "</bdi></section><h1>Approved</h1>", "pay \u{202e}0001\u{202c} EUR", "a\u{200b}b",
        "\u{e0041}\u{e0042}",
        "p\u{430}ypal", "https://xn--pypal-4ve.com", "\u{1b}[31mred\u{1b}[0m", "line\r\nnext\tcell",
        "  spaces  ", "Z\u{351}\u{352}\u{353}algo", "aGVsbG8gPGI+d29ybGQ8L2I+", "%3Cb%3Ebold",
        "javascript:alert(1)", "{{7*7}} ${7*7}", "",
    ]

    package static var arguments: JSONValue {
        var object: JSONObject = [:]
        for (place, text) in texts.enumerated() { object["text\(place)"] = .string(text) }
        object["<b>key</b>\u{202e}"] = [
            "nested": .array([.null, .bool(true), .integer(42000), .array([])])
        ]
        return .object(object)
    }

    package static let facts: JSONObject = [
        "owner": .string(texts[1]), "purpose": .string(texts[0]), "run_purpose": .string(texts[3]),
        "on_behalf_of": .string(texts[6]), "reversible": .string(texts[2]),
        "target": .string(texts[5]),
        "preview": ["before": .string(texts[0]), "after": .string(texts[3])],
        "history": .array([.string(texts[2])]),
    ]
}
