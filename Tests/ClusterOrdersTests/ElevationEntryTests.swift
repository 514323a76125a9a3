import InterlockCluster
import InterlockClusterOrders
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockTesting
import InterlockYAML
import InterlockZones
import Testing

/// Elevations: the request of an enrolled person and the approvals that the policy in force demands, here of two people.
@Suite struct ElevationEntryTests {
    private static let text = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          finance: {members: [li@acme.example, sam@acme.example, rui@acme.example], expires: 30m}
        servers:
          desk:
            environment: staging
            tools: {look: {class: read}, secret: {class: read}}
        agents:
          clerk:
            owner: li@acme.example
            purpose: Clerks
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: finance
            mcp_scopes: {desk: [look]}
        """

    private let policy: PolicySnapshot

    init() throws {
        let reading = PolicyReader.read([
            PolicyFile(path: "policy.yaml", role: .single, bytes: Array(Self.text.utf8))
        ])
        let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
        policy = try PolicySnapshot(
            compiling: try #require(reading.document, Comment(rawValue: problems)),
            lock: .ignored,
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()),
            at: OrderedChain.start, hashing: OpenSSLHashing())
    }

    /// One hour of `secret` for `clerk`, which `ana` requests, and `li` and `sam` approve.
    private struct Elevation {
        var author = Signer.ana
        var requested: Means?
        var approvals: [Means] = [.key(.li), .key(.sam)]
        var agent = "clerk"
        var tool = "secret"
        var from = OrderedChain.start
        var lasting = Duration.seconds(3600)
        var org = "acme"
        var number: Int64 = 1
        var requestType = PayloadType.elevationRequest
        var approvalType = PayloadType.elevationApproval

        func order() throws -> ElevationOrder {
            try ElevationOrder(
                id: ElevationID(milliseconds: number, random: [UInt8](repeating: 0, count: 10)),
                org: org, agent: AgentName(agent).unwrapped,
                grants: ["desk": [["tool": .string(tool)]]], from: from, until: from + lasting,
                reason: "a test of elevations", ticket: "INC-1", author: author.pseudonym)
        }

        func statements() throws -> OrderedChain.Statements {
            let order = try order()
            let payload = try order.canonical()
            let request = try Envelope.signed(
                requestType, payload, by: [requested ?? .key(author)])
            return OrderedChain.Statements(
                .elevation,
                [request] + (try approvals.map { try .signed(approvalType, payload, by: [$0]) }),
                subject: order.id.text)
        }
    }

    private func refused(_ refusal: ElevationRefusal) -> StatementRefusal {
        .unauthorized("\(refusal)")
    }

    @Test func `two eligible people grant what another requests, once, by keys or passkeys`()
        throws
    {
        for approvals in [[Means.key(.li), .key(.sam)], [.passkey(.li), .passkey(.sam)]] {
            var chain = try OrderedChain(policy: policy)
            let elevation = Elevation(approvals: approvals)
            let statements = try elevation.statements()
            let effect = try chain.order(statements)
            #expect(effect == .changed)
            let id = try elevation.order().id
            #expect(chain.state.elevations == [id: OrderedChain.start + .seconds(3600)])
            try chain.restrict(.elevationEnd(id))
            let again = try chain.order(statements)
            #expect(again == .unchanged && chain.state.elevations.isEmpty)
        }
    }

    @Test func `too few people, or one of them twice, grant nothing`() throws {
        let chain = try OrderedChain(policy: policy)
        try chain.expect(
            .tooFewPeople(have: 0, need: 2), try Elevation(approvals: []).statements())
        try chain.expect(
            .tooFewPeople(have: 1, need: 2), try Elevation(approvals: [.key(.li)]).statements())
        try chain.expect(
            refused(.alreadyApproved),
            try Elevation(approvals: [.key(.li), .passkey(.li)]).statements())
        try chain.expect(
            refused(.closed(.granted)),
            try Elevation(approvals: [.key(.li), .key(.sam), .key(.lou)]).statements())
    }

    @Test func `people who may not approve or request grant nothing`() throws {
        let chain = try OrderedChain(policy: policy)
        for means in [Means.key(.ana), .passkey(.ana)] {
            try chain.expect(
                refused(.notEligible(.stranger)),
                try Elevation(approvals: [.key(.li), means]).statements())
        }
        for (other, means, refusal) in Signer.refused {
            try chain.expect(
                refusal, try Elevation(approvals: [.key(.li), means]).statements())
            try chain.expect(
                refusal, try Elevation(author: other, requested: means).statements())
        }
        try chain.expect(.notAuthor, try Elevation(requested: .key(.li)).statements())
    }

    @Test func `statements of another organisation, kind, request or byte grant nothing`() throws {
        let chain = try OrderedChain(policy: policy)
        try chain.expect(
            .otherOrganisation("other"), try Elevation(org: "other").statements())
        try chain.expect(
            .otherKind, try Elevation(requestType: .elevationApproval).statements())
        try chain.expect(.otherKind, try Elevation(approvalType: .elevationEnd).statements())
        var mixed = try Elevation().statements()
        mixed.envelopes[2] = try Elevation(number: 2).statements().envelopes[2]
        try chain.expect(.otherKind, mixed)
        for place in 0..<3 {
            var changed = try Elevation().statements()
            if place == 0 {
                changed.envelopes = changed.envelopes.map(\.changed)
            } else {
                let other = try Elevation(number: 2).statements().envelopes[place]
                changed.envelopes[place] = Envelope(
                    payloadType: other.payloadType, payload: changed.envelopes[place].payload,
                    signatures: other.signatures)
            }
            try chain.expect(.badSignature, changed, "\(place)")
        }
    }

    @Test func `an elevation that is over, far ahead or too long grants nothing`() throws {
        var chain = try OrderedChain(policy: policy)
        let far = OrderedChain.start + ElevationLimits.ahead
        try chain.expect(refused(.tooFarAhead), try Elevation(from: far).statements())
        let long = try Elevation(lasting: ElevationLimits.ahead).statements()
        try chain.expectUnauthorized(long, "lasts longer")
        let late = try Elevation().statements()
        chain.pass(.seconds(3600))
        try chain.expect(refused(.past), late)
    }

    @Test func `what the policy does not let an agent be granted, or a halted agent, has nothing`()
        throws
    {
        var chain = try OrderedChain(policy: policy)
        try chain.expect(
            refused(.unknownAgent(AgentName("other").unwrapped)),
            try Elevation(agent: "other").statements())
        try chain.expectUnauthorized(
            try Elevation(tool: "absent").statements(), "the grant does not fit the policy")
        let halt = try HaltOrder(
            id: OrderedChain.id(9), org: "acme", target: .owner(Signer.li.pseudonym),
            reason: "a test of halts", author: Signer.sam.pseudonym, at: chain.now)
        try chain.restrict(.halt(try .signed(.halt, try halt.canonical(), by: [.key(.sam)])))
        try chain.expect(refused(.halted(halt.id)), try Elevation().statements())
    }

    @Test func `a node stops at an elevation under a policy that it does not have`() throws {
        let chain = try OrderedChain(policy: policy, isWithoutPolicy: true)
        try chain.expect(.notJudged, try Elevation().statements())
        try OrderedChain().expect(
            .unauthorized("no revision of a policy is in force"), try Elevation().statements())
    }

    @Test func `a node stops at a kind for which it has no rules`() throws {
        let elevation = try Elevation().statements()
        try OrderedChain(policy: policy).expect(
            .notJudged,
            OrderedChain.Statements(.promotion, elevation.envelopes, subject: "clerk"))
    }
}
