import InterlockTesting
import Testing

@testable import InterlockCluster

/// The seal of a body.
struct StoreKeysTests {
    private static let nonce = [UInt8](repeating: 3, count: 12)
    private static let addresses = [
        RowAddress(.vote, "a", revision: 1), RowAddress(.vote, "a", revision: 11),
        RowAddress(.vote, "1\na", revision: 1), RowAddress(.vote, "b", revision: 1),
        RowAddress(.approval, "a", revision: 1), RowAddress(.session, "a", revision: 1),
    ]

    @Test func `a body opens with its key at its address alone`() throws {
        let keys = RowWorld.keys(1)
        for address in Self.addresses {
            let body = keys.seal([1, 2, 3], at: address, nonce: Self.nonce)
            #expect(body.count == 3 + StoreKeys.overhead)
            #expect(Array(body[9..<21]) == Self.nonce)
            for other in Self.addresses {
                if other == address {
                    #expect(try keys.open(body, at: other) == [1, 2, 3])
                } else {
                    #expect(throws: RowFault.wrongSeal) { try keys.open(body, at: other) }
                }
            }
        }
    }

    @Test func `each address has a key of its own`() {
        let keys = RowWorld.keys(1)
        let bodies = Self.addresses.map { keys.seal([0, 0], at: $0, nonce: Self.nonce) }
        #expect(Set(bodies.map { Array($0[21..<23]) }).count > 1, "one nonce, other key streams")
        #expect(Set(bodies).count == bodies.count)
    }

    @Test func `one key is not two`() {
        let cipher = RowWorld.cipher(1)
        #expect(StoreKeys(sealing: cipher, opening: cipher) == nil)
        #expect(StoreKeys(sealing: cipher, opening: RowWorld.cipher(2)) != nil)
    }
}
