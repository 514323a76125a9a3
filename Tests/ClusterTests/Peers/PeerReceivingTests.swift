import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Messages of other nodes: who may send them, and which are refused.
@Suite struct PeerReceivingTests {
    private func name(_ number: Int) -> NodeName { ClusterOrganisation.name(number) }

    private func certificate(
        _ node: Int, uri: String? = nil, key: Int? = nil, from begin: Duration = .zero,
        for life: Duration = .seconds(3600)
    ) -> PeerCertificate {
        let start = ClusterOrganisation.start + begin
        return PeerCertificate(
            key: ClusterOrganisation.keys(key ?? node).tls,
            uri: uri ?? PeerCase.domain.uri(of: name(node)), begin: start, end: start + life)
    }

    private func sender(_ certificate: PeerCertificate?) -> Result<NodeName, PeerRefusal> {
        PeerCase().table.sender(of: certificate, at: ClusterOrganisation.start + .seconds(60))
    }

    @Test func `a peer is a member with its id, its key and a certificate that is valid now`() {
        #expect(sender(certificate(2)) == .success(name(2)))
        #expect(sender(nil) == .failure(.noCertificate))
        #expect(sender(certificate(2, from: .seconds(61))) == .failure(.expired))
        #expect(sender(certificate(2, for: .seconds(59))) == .failure(.expired))
        #expect(sender(certificate(9)) == .failure(.unknownNode), "no member")
        #expect(sender(certificate(1)) == .failure(.unknownNode), "this node itself")
        #expect(sender(certificate(2, key: 3)) == .failure(.otherKey))
    }

    @Test(arguments: [
        "spiffe://other.example/interlock/gw2", "spiffe://acme.example/gw2",
        "spiffe://acme.example/interlock/", "spiffe://acme.example/interlock/gw2/x",
        "spiffe://acme.example/interlock/GW2", "spiffe://acme.example.evil/interlock/gw2",
        "SPIFFE://acme.example/interlock/gw2", "https://acme.example/interlock/gw2", "gw2", "",
        "spiffe://acme.example/interlock/gw2\u{0}", "spiffe://acme.example/interlock/\u{301}gw2",
    ])
    func `an id of another domain or form is no node's`(_ uri: String) {
        #expect(sender(certificate(2, uri: uri)) == .failure(.otherDomain))
    }

    @Test func `a certificate without one URI name is no node's`() {
        let bare = PeerCertificate(
            key: ClusterOrganisation.keys(2).tls, uri: nil, begin: ClusterOrganisation.start,
            end: ClusterOrganisation.start + .seconds(3600))
        #expect(sender(bare) == .failure(.otherDomain))
    }

    @Test(arguments: ["", "Acme.example", "acme/example", "acme example", "ac\u{e9}.example"])
    func `a trust domain has one spelling`(_ text: String) {
        #expect(TrustDomain(text) == nil)
    }

    /// Returns the refusal of a message of `gw2`; nil if it is taken.
    private func refusal(_ peers: inout PeerCase, _ bytes: [UInt8], from sender: Int = 2)
        -> PeerRefusal?
    {
        let before = peers.table
        switch peers.table.receive(bytes, from: name(sender), at: peers.now) {
        case .success: return nil
        case .failure(let refusal):
            #expect(peers.table.statuses == before.statuses, "nothing of it counts")
            #expect(
                peers.table.counts.refused[refusal]
                    == (before.counts.refused[refusal] ?? 0) + 1)
            return refusal
        }
    }

    @Test func `a message that is taken says that its sender is up, and what its head is`() throws {
        var peers = PeerCase()
        let bytes = try PeerCase.message(head: 6)
        let taken = try peers.table.receive(bytes, from: name(2), at: peers.now).get()
        #expect(taken.0.content == .beat)
        #expect(
            taken.1 == [.changed(name(2), isUp: true), .heard(name(2), PeerCase.head(6))])
        #expect(peers.table.statuses.first?.heard == peers.now)
    }

    @Test func `a message of another sender, receiver or organisation is refused`() throws {
        var peers = PeerCase()
        #expect(try refusal(&peers, PeerCase.message(from: 3)) == .otherSender)
        #expect(try refusal(&peers, PeerCase.message(to: 3)) == .otherReceiver)
        #expect(try refusal(&peers, PeerCase.message(org: "other")) == .otherOrganisation)
        #expect(try refusal(&peers, PeerCase.message(), from: 9) == .unknownNode)
        // A message that was refused has taken no number.
        #expect(try refusal(&peers, PeerCase.message()) == nil)
    }

    @Test func `bytes that are no message are refused`() throws {
        var peers = PeerCase()
        let good = try PeerCase.message()
        for bad in [[], Array("{}".utf8), good + [10], Array(good.dropLast()), [0xff] + good] {
            #expect(refusal(&peers, bad) == .malformed)
        }
        let long = [UInt8](repeating: 32, count: PeerLimits.messageBytes + 1)
        #expect(refusal(&peers, long) == .tooLarge)
        #expect(refusal(&peers, good) == nil)
    }

    @Test func `a repeated message is refused`() throws {
        var peers = PeerCase()
        let bytes = try PeerCase.message(number: 5)
        #expect(refusal(&peers, bytes) == nil)
        #expect(refusal(&peers, bytes) == .replayed)
        #expect(try refusal(&peers, PeerCase.message(number: 4)) == nil, "it was overtaken")
        #expect(try refusal(&peers, PeerCase.message(number: 4)) == .replayed)
        // The number is that of a peer: another one has its own.
        let other = try PeerCase.message(from: 3, number: 5)
        #expect(refusal(&peers, other, from: 3) == nil)
    }

    @Test func `messages of a process that has ended are refused`() throws {
        var peers = PeerCase()
        #expect(try refusal(&peers, PeerCase.message(number: 5, session: 1)) == nil)
        #expect(try refusal(&peers, PeerCase.message(number: 1, session: 2)) == nil)
        #expect(try refusal(&peers, PeerCase.message(number: 6, session: 1)) == .replayed)
        #expect(try refusal(&peers, PeerCase.message(number: 2, session: 2)) == nil)
    }

    @Test func `a flood of one peer is refused, and others are heard`() throws {
        var peers = PeerCase()
        var taken = 0
        for number in 1...Int64(2 * PeerLimits.messagesPerSecond) {
            let bytes = try PeerCase.message(number: number)
            if case .success = peers.table.receive(bytes, from: name(2), at: peers.now) {
                taken += 1
            }
        }
        #expect(taken == PeerLimits.messagesPerSecond)
        #expect(peers.table.counts.refused[.tooMany] == Int64(PeerLimits.messagesPerSecond))
        #expect(try refusal(&peers, PeerCase.message(from: 3), from: 3) == nil)
        peers.now = peers.now + .seconds(1)
        #expect(try refusal(&peers, PeerCase.message(number: 1000)) == nil)
    }
}
