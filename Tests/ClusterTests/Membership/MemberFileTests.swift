import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The file that people and nodes pass on until enough of them have signed.
@Suite struct MemberFileTests {
    private static let tls = ClusterOrganisation.key(210)
    private let organisation = ClusterOrganisation()
    private let verifier = ForgeableSignatures()
    private let hashing = WeakHashing()

    private var keys: MemberKeys {
        let keys = ClusterOrganisation.keys(2)
        return MemberKeys(
            name: keys.name, log: keys.log, witness: keys.witness, token: keys.token,
            tls: MemberKeys.tls(of: Self.tls, hashing: hashing))
    }

    private func signed(_ message: [UInt8], _ keys: [PublicKey]) -> [Envelope.Signature] {
        keys.map { .key($0, ForgeableSignatures.sign(message, $0)) }
    }

    /// A request of `gw2` for admission.
    private func request(without key: PublicKey? = nil) throws -> MemberFile {
        let order = try MemberOrder(
            id: ClusterOrganisation.orderID(1), org: "acme",
            change: .admit(keys, until: ClusterOrganisation.start + .seconds(3600)),
            reason: "one more node",
            authors: [organisation.li, organisation.sam, organisation.ana].map(\.pseudonym))
        let message = try MemberFile(.order(order)).message
        let all: [PublicKey] = [keys.log, keys.witness, keys.token, Self.tls]
        let own = all.filter { $0 != key }
        return try MemberFile(.order(order), proofs: signed(message, own))
    }

    private func people() throws -> SignedOrderVerifier {
        SignedOrderVerifier(trust: try organisation.people(), verifier: verifier)
    }

    @Test func `a file reads back, and each key of the node must have signed it`() throws {
        let file = try request()
        #expect(try MemberFile(parsing: file.bytes) == file)
        #expect(file.missingProof(verifier, hashing: hashing) == nil)
        for (key, name) in [
            (keys.log, "log"), (keys.witness, "witness"), (keys.token, "token"),
            (Self.tls, "tls"),
        ] {
            let other = try request(without: key)
            #expect(other.missingProof(verifier, hashing: hashing) == name)
        }
    }

    @Test func `an edit of the statement leaves no proof and no signature`() throws {
        var file = try request()
        for person in [organisation.li, organisation.sam] {
            file.add(signed(file.message, [person.keys[0].key])[0])
        }
        let text = String(decoding: file.bytes, as: UTF8.self)
        for (part, other) in [
            ("gw2", "gw3"), ("one more node", "one more Node"),
            (keys.token.base64, ClusterOrganisation.key(220).base64),
        ] {
            let edited = try MemberFile(parsing: Array(text.replacing(part, with: other).utf8))
            #expect(edited.missingProof(verifier, hashing: hashing) != nil)
            let people = try people()
            #expect(throws: OrderRefusal.badSignature) {
                try edited.signers(by: people, at: ClusterOrganisation.start)
            }
        }
    }

    @Test func `people sign once each, with the role, and two of them make an entry`() throws {
        var file = try request()
        let people = try people()
        let start = ClusterOrganisation.start
        #expect(try file.signers(by: people, at: start).isEmpty)
        file.add(signed(file.message, [organisation.li.keys[0].key])[0])
        #expect(try file.signers(by: people, at: start) == [organisation.li])
        for (person, refusal) in [
            (organisation.li, OrderRefusal.samePerson),
            (organisation.ana, .missingRole(.security)),
        ] {
            var other = file
            other.add(signed(file.message, [person.keys[0].key])[0])
            #expect(throws: refusal) { try other.signers(by: people, at: start) }
        }
        file.add(signed(file.message, [organisation.sam.keys[0].key])[0])
        #expect(try file.signers(by: people, at: start).count == 2)
        var chain = try ClusterChain(organisation)
        try chain.append(.member, try #require(file.statements).envelopes, subject: "gw2")
        #expect(try chain.follower().state.admitted.count == 2)
    }

    @Test func `a permit keeps its secret, and a claim by it makes an entry`() throws {
        let order = try MemberOrder(
            id: ClusterOrganisation.orderID(1), org: "acme",
            change: .permit(
                ClusterOrganisation.key(200), count: 1,
                until: ClusterOrganisation.start + .seconds(3600)), reason: "machines that come",
            authors: [organisation.li, organisation.sam].map(\.pseudonym))
        let message = try MemberFile(.order(order)).message
        let permit = try MemberFile(
            .order(order),
            signatures: signed(
                message, [organisation.li, organisation.sam].map { $0.keys[0].key }),
            secret: [UInt8](repeating: 7, count: 32))
        #expect(try MemberFile(parsing: permit.bytes) == permit && permit.statements == nil)
        let claim = MemberClaim(
            org: "acme", permit: hashing.sha256(permit.envelope.payload), keys: keys)
        let unsigned = try MemberFile(.claim(claim, permit: permit.envelope))
        let file = try MemberFile(
            unsigned.statement,
            proofs: signed(
                unsigned.message, [keys.log, keys.witness, keys.token, Self.tls]),
            signatures: signed(unsigned.message, [ClusterOrganisation.key(200)]))
        #expect(try MemberFile(parsing: file.bytes) == file)
        #expect(file.missingProof(verifier, hashing: hashing) == nil)
        var chain = try ClusterChain(organisation)
        try chain.append(.member, try #require(file.statements).envelopes, subject: "gw2")
        #expect(try chain.follower().state.admitted.count == 2)
    }
}
