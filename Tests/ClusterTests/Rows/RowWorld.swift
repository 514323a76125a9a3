import InterlockCredentials
import InterlockModel
import InterlockTesting

@testable import InterlockCluster

/// A chain with the nodes `gw1` and `gw2`, and the store keys that they share.
struct RowWorld {
    var chain: ClusterChain
    let keys: StoreKeys
    /// The follower of the chain, if it does not change any more.
    private var known: ChainFollower?

    init() throws {
        var chain = try ClusterChain()
        try chain.append(.member, try chain.organisation.admission(1, of: 2), subject: "gw2")
        self.chain = chain
        keys = Self.keys(1)
    }

    static func cipher(_ number: UInt8) -> OpenSSLRowCipher {
        OpenSSLRowCipher([UInt8](repeating: number, count: 32)).unwrapped
    }

    static func keys(_ sealing: UInt8, opening: UInt8? = nil) -> StoreKeys {
        StoreKeys(sealing: cipher(sealing), opening: opening.map(cipher)).unwrapped
    }

    var verifier: RowVerifier { verifier(keys) }

    func verifier(_ keys: StoreKeys) -> RowVerifier {
        RowVerifier(keys: keys, verifier: chain.organisation.verifier)
    }

    func follower() throws -> ChainFollower { try known ?? chain.follower() }

    /// A world whose chain is read once, for tests that verify thousands of rows.
    static func unchanging() throws -> RowWorld {
        var world = try RowWorld()
        world.known = try world.follower()
        return world
    }

    /// The body of a row as a node writes it that has applied the whole chain.
    ///
    /// - Parameter key: the key that signs, if it is not that of the node.
    func body<Row: ClusterRow>(
        _ row: Row, node: Int = 1, org: String = "acme", head: ChainHead? = nil,
        key: PublicKey? = nil, keys: StoreKeys? = nil, nonce: UInt8 = 1
    ) throws -> [UInt8] {
        try RowDraft(
            statement(row, node: node, org: org, head: head), keys: keys ?? self.keys,
            nonce: [UInt8](repeating: nonce, count: 12)
        ) { message in
            ForgeableSignatures.sign(message, key ?? ClusterOrganisation.keys(node).log)
        }.body
    }

    /// The body that `gw1` signs as another type of statement, or seals for another row.
    func otherBody<Row: ClusterRow>(
        _ row: Row, as type: PayloadType = .row, for address: RowAddress? = nil
    ) throws -> [UInt8] {
        let payload = try statement(row).canonical()
        let message = preAuthenticationEncoding(type.text, payload)
        let signature = ForgeableSignatures.sign(message, ClusterOrganisation.keys(1).log)
        return keys.seal(
            signature + payload, at: address ?? row.address, nonce: [UInt8](repeating: 1, count: 12)
        )
    }

    private func statement<Row: ClusterRow>(
        _ row: Row, node: Int = 1, org: String = "acme", head: ChainHead? = nil
    ) -> RowStatement<Row> {
        RowStatement(
            org: org, at: chain.now, node: ClusterOrganisation.name(node),
            head: head ?? chain.head.unwrapped, row: row)
    }

    /// Verifies a row; nil if it is as its node wrote it.
    func rejection<Row: ClusterRow>(
        _ stored: StoredRow<Row>, keys: StoreKeys? = nil
    ) throws -> RowRejection? {
        let chain = try follower()
        do throws(RowRejection) {
            _ = try verifier(keys ?? self.keys).verify(stored, in: chain)
            return nil
        } catch { return error }
    }
}

extension RowRejection {
    /// The fault of a row that is void.
    var fault: RowFault? { if case .void(let row) = self { row.fault } else { nil } }
}
