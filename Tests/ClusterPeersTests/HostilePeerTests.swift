import InterlockCluster
import InterlockClusterPeers
import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Connections of others than members, and messages of members that are not what they must be. Each is refused and
/// counted, and nothing of it is applied.
@Suite(.serialized) struct HostilePeerTests {
    /// Runs `body` with `gw1`, which knows `gw2` by its key, and sends nothing itself.
    private func withNode(
        clock: any Clock = ShiftedClock(), limits: ServerLimits = .nodes,
        _ body: (PeerNode, _ member: NodeCertificate) async throws -> Void
    ) async throws {
        let member = NodeCertificate("gw2")
        let node = try PeerNode("gw1", clock: clock, limits: limits)
        let key = PublicKey(bytes: [UInt8](repeating: 9, count: 32)).unwrapped
        let other = NodeName("gw2").unwrapped
        node.service.set(
            members: [
                node.name: node.keys,
                other: MemberKeys(
                    name: other, log: key, witness: key, token: key, tls: member.digest),
            ], authorities: [:])
        do {
            try await body(node, member)
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    private func message(
        from: String = "gw2", to: String = "gw1", org: String = "acme", number: Int64 = 1
    ) throws -> [UInt8] {
        try PeerMessage(
            org: org, from: NodeName(from).unwrapped, to: NodeName(to).unwrapped,
            session: PeerSession(bytes: [UInt8](repeating: 3, count: 16)), number: number,
            head: PeerNode.head(5), content: .beat
        ).canonical()
    }

    private func post(
        _ body: [UInt8], to node: PeerNode, as identity: NodeCertificate,
        path: String = PeerMessage.path, expecting pinned: PinnedServer? = nil,
        clock: any Clock = ShiftedClock()
    ) async throws -> PinnedResponse {
        let caller = try PinnedHTTP(
            certificates: identity.certificate, key: identity.key, clock: clock,
            loops: node.loops)
        return await caller.post(
            body, to: pinned ?? node.pinned, path: path, limitBytes: 1 << 20, within: .seconds(20))
    }

    /// Checks that a message was refused with this reason, and that nothing else happened.
    private func expect(
        _ refusal: PeerRefusal, _ response: PinnedResponse, of node: PeerNode,
        count: Int64 = 1, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(
            response
                == .answer(
                    status: refusal.status,
                    body: Array(#"{"refused":"\#(refusal.rawValue)"}"#.utf8)),
            sourceLocation: location)
        #expect(node.service.counts.refused == [refusal: count], sourceLocation: location)
        expectNothing(of: node, location)
    }

    private func expectNothing(
        of node: PeerNode, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(node.service.counts.received == 0, sourceLocation: location)
        #expect(
            node.service.statuses.allSatisfy { $0.heard == nil && !$0.isUp },
            sourceLocation: location)
        #expect(
            node.listener.state.withLock { $0.heads.isEmpty && $0.halts.isEmpty },
            sourceLocation: location)
    }

    @Test(.timeLimit(.minutes(5)))
    func `the member itself is heard`() async throws {
        try await withNode { node, member in
            let response = try await post(try message(), to: node, as: member)
            guard case .answer(status: 200, let body) = response else {
                Issue.record("it is refused: \(response)")
                return
            }
            let read = try PeerResponse(parsing: body)
            #expect(read.answers(try PeerMessage(parsing: message())))
            #expect(node.service.counts.received == 1)
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            (["URI:spiffe://acme.example/interlock/gw9"], PeerRefusal.unknownNode),
            (["URI:spiffe://acme.example/interlock/gw1"], .unknownNode),
            (["URI:spiffe://acme.example/interlock/gw2"], .otherKey),
            (["URI:spiffe://other.example/interlock/gw2"], .otherDomain),
            (["URI:spiffe://acme.example/agent/gw2"], .otherDomain),
            (["DNS:gw2.acme.example"], .otherDomain),
            ([], .otherDomain),
            (
                [
                    "URI:spiffe://acme.example/interlock/gw2",
                    "URI:spiffe://acme.example/interlock/gw3",
                ], .otherDomain
            ),
        ])
    func `a certificate of anyone else is refused`(
        names: [String], refusal: PeerRefusal
    ) async throws {
        try await withNode { node, _ in
            let other = NodeCertificate(names: names)
            expect(refusal, try await post(try message(), to: node, as: other), of: node)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [-3, 3])
    func `a certificate that is not valid now is refused`(days: Int) async throws {
        let clock = ShiftedClock(shift: .seconds(86_400 * days))
        try await withNode(clock: clock) { node, member in
            expect(.expired, try await post(try message(), to: node, as: member), of: node)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a certificate that expires on an open connection is refused from then on`()
        async throws
    {
        try await withNode { node, member in
            // The same connection; a node's clock decides at each message.
            let certificate = PeerCertificate(
                key: member.digest, uri: NodeCertificate.uri("gw2"),
                begin: ShiftedClock().wall - .seconds(60), end: ShiftedClock().wall - .seconds(1))
            let head = RequestHead(
                listener: .nodes, method: "POST", path: PeerMessage.path, query: nil, headers: [],
                contentLength: 10, certificate: certificate)
            guard case .refuse(let response) = node.service.judge(head) else {
                Issue.record("it is taken")
                return
            }
            #expect(response.status == PeerRefusal.expired.status)
            expectNothing(of: node)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `without a certificate or with TLS 1.2 there is no connection`() async throws {
        try await withNode { node, member in
            let request =
                #"POST /v1/peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"#
            let connect = "openssl s_client -quiet -connect \(node.authority)"
            let folder = member.folder.path
            let own = "-cert \(folder)/node.pem -key \(folder)/key.pem"
            func answer(_ options: String) -> String {
                shellOutput(of: "printf '\(request)' | timeout 100 \(connect) \(options) 2>&1")
            }
            #expect(!answer("-tls1_3").contains("HTTP/1.1"))
            #expect(!answer("-tls1_2 \(own)").contains("HTTP/1.1"))
            #expect(answer("-tls1_3 \(own)").contains("HTTP/1.1 400"), "the test itself connects")
            expectNothing(of: node)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `connections that are only held open keep no member out`() async throws {
        var limits = ServerLimits.nodes
        limits.connections = 8
        try await withNode(limits: limits) { node, member in
            let held = (0..<24).map { _ in OpenConnection(port: node.server.port) }
            for number in Int64(1)...3 {
                let response = try await post(try message(number: number), to: node, as: member)
                guard case .answer(status: 200, _) = response else {
                    Issue.record("it is kept out: \(response)")
                    continue
                }
            }
            #expect(held.count == 24)
            #expect(node.service.counts.received == 3)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a body that does not come is given up`() async throws {
        try await withNode { node, member in
            let request =
                #"POST /v1/peer HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"#
            let folder = member.folder.path
            let text = shellOutput(
                of:
                    "printf '\(request)' | timeout 100 openssl s_client -quiet"
                    + " -connect \(node.authority) -tls1_3 -cert \(folder)/node.pem"
                    + " -key \(folder)/key.pem 2>&1")
            #expect(text.contains("HTTP/1.1 408"))
            expectNothing(of: node)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `messages for others, of others, and bytes that are no message are refused`()
        async throws
    {
        let cases: [(PeerRefusal, [UInt8])] = [
            (.otherSender, try message(from: "gw3")), (.otherReceiver, try message(to: "gw2")),
            (.otherOrganisation, try message(org: "other")), (.malformed, Array("{}".utf8)),
            (.malformed, [0xff]),
            (.tooLarge, [UInt8](repeating: 32, count: PeerLimits.messageBytes + 1)),
        ]
        for (refusal, body) in cases {
            try await withNode { node, member in
                expect(refusal, try await post(body, to: node, as: member), of: node)
            }
        }
        try await withNode { node, member in
            let response = try await post(try message(), to: node, as: member, path: "/v1/other")
            expect(.unknownPath, response, of: node)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a message that is repeated is refused`() async throws {
        try await withNode { node, member in
            let bytes = try message(number: 4)
            _ = try await post(bytes, to: node, as: member)
            #expect(node.service.counts.received == 1)
            let again = try await post(bytes, to: node, as: member)
            #expect(
                again
                    == .answer(
                        status: PeerRefusal.replayed.status,
                        body: Array(#"{"refused":"replayed"}"#.utf8)))
            #expect(node.service.counts.refused == [.replayed: 1])
            #expect(node.service.counts.received == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `nothing is sent to a server whose key, name or validity is another`() async throws {
        try await withNode { node, member in
            let good = node.pinned
            let wrong: [(PinnedServer, ShiftedClock, String)] = [
                (
                    PinnedServer(
                        authority: good.authority, key: member.digest, uri: good.uri),
                    ShiftedClock(), "its key is not that of"
                ),
                (
                    PinnedServer(
                        authority: good.authority, key: good.key, uri: NodeCertificate.uri("gw3")),
                    ShiftedClock(), "its certificate does not name"
                ),
                (good, ShiftedClock(shift: .seconds(3 * 86_400)), "its certificate is not valid"),
            ]
            for (server, clock, reason) in wrong {
                let response = try await post(
                    try message(), to: node, as: member, expecting: server, clock: clock)
                guard case .failed(let text) = response else {
                    Issue.record("it was sent: \(response)")
                    continue
                }
                #expect(text.hasPrefix(reason), "\(text)")
            }
            #expect(node.service.counts.refused.isEmpty)
            expectNothing(of: node)
        }
    }
}
