import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The order that admits or retires a node, as it is signed.
@Suite struct MemberOrderTests {
    private let organisation = ClusterOrganisation()

    private func payload(of node: Int = 2) throws -> String {
        let envelope = try organisation.admission(1, of: node)[0]
        return String(decoding: envelope.payload, as: UTF8.self)
    }

    @Test func `an order reads back in one spelling`() throws {
        for envelope in [
            try organisation.admission(1, of: 2)[0], try organisation.retirement(2, of: 2)[0],
        ] {
            let order = try MemberOrder(parsing: envelope.payload)
            #expect(try order.canonical() == envelope.payload)
        }
    }

    @Test func `members that are missing, unknown or out of range are refused`() throws {
        let good = try payload()
        let keys = ClusterOrganisation.keys(2)
        for (part, other) in [
            ("\"admit\"", "\"retire\""), ("\"admit\"", "\"promote\""), ("\"v\":1", "\"v\":2"),
            ("\"gw2\"", "\"GW2\""), (keys.witness.base64, keys.log.base64),
            (keys.tls.prefixed, keys.tls.hex), ("\"one more node\"", "\"short\""),
            ("\"type\":\"member\"", "\"type\":\"people\""), ("\"tls\"", "\"tls2\""),
            ("Z\"", ".5Z\""),
        ] {
            let changed = Array(good.replacing(part, with: other).utf8)
            #expect(changed != Array(good.utf8), "\(part)")
            #expect(throws: FormError.self, "\(part)") {
                _ = try MemberOrder(parsing: changed)
            }
        }
    }

    @Test func `the same person twice, or no person, cannot be asked to sign`() {
        let person = organisation.li.pseudonym
        for authors in [[], [person, person]] {
            #expect(throws: FormError.self) {
                _ = try MemberOrder(
                    id: ClusterOrganisation.orderID(1), org: "acme",
                    change: .retire(ClusterOrganisation.name(2)), reason: "the machine is gone",
                    authors: authors)
            }
        }
    }
}
