import InterlockCluster
import InterlockClusterCommands
import InterlockClusterStore
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPorts

/// The membership of a node, by `interlock.yaml` and its state.
struct MemberSettings: Sendable {
    struct Address: Sendable {
        let host: String
        let port: UInt16
    }

    let name: NodeName
    let membership: ControlFolder.Membership
    let control: ControlFolder
    let database: ClusterDatabase
    let peers: Address
    let health: Address
    /// The addresses of other nodes.
    let others: [NodeName: String]
    let storeKey: OpenSSLRowCipher
    private let connections: Int
    private let deadline: Duration

    init(_ deployment: Deployment) throws(Failure) {
        let file = "\(deployment.directory)/\(ConfigurationFile.name)"
        let cluster = deployment.configuration.cluster
        name = try NodeIdentity.name(in: deployment)
        database = try ClusterDatabase(of: deployment)
        control = ControlFolder(deployment)
        membership = try control.membership()
        guard membership.node == name else {
            throw Failure(
                .data,
                "`cluster.node` in `\(file)` is \(name), and this node joined as \(membership.node)",
                help: "write the name under which it joined")
        }
        peers = try Self.address(cluster.peers, "cluster.peers", file)
        health = try Self.address(cluster.health, "cluster.health", file)
        var others: [NodeName: String] = [:]
        for text in cluster.others {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let node = NodeName(String(parts[0])), node != name else {
                throw Failure(
                    .data, "`cluster.others` in `\(file)`: `\(text)` names no other node",
                    help: "write a name and an address each, such as gw2=10.0.0.12:7402")
            }
            others[node] = String(parts[1])
        }
        self.others = others
        do throws(KeyFailure) { storeKey = try StoreKeyFile.open(in: deployment.keys) } catch {
            throw Failure(
                .data, error.reason,
                help:
                    "bring `\(StoreKeyFile.fileName)` and `pseudonym.key` from the node that founded the cluster to `\(deployment.keys)`, mode 0400"
            )
        }
        connections = cluster.connections
        deadline = deployment.configuration.store.deadline
    }

    /// The id of this cluster in certificates: what its members believe of it is the digest of its first entry.
    var domain: TrustDomain {
        let digits = membership.genesis.prefixed.split(separator: ":").last.map(String.init) ?? ""
        guard let domain = TrustDomain(String(digits.prefix(32)) + ".interlock") else {
            preconditionFailure("hexadecimal digits are letters of a trust domain")
        }
        return domain
    }

    func pool() -> StorePool {
        var settings = PoolSettings()
        settings.connections = connections
        settings.deadline = deadline
        return database.pool(settings)
    }

    func log(_ line: String) { InterlockCommandLine.log(line, .warning, part: "cluster") }

    private static func address(
        _ text: String, _ setting: String, _ file: String
    ) throws(Failure) -> Address {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else {
            throw Failure(
                .data, "`\(setting)` is not set in `\(file)`",
                help: "write an address with its port, such as 10.0.0.11:7402")
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return Address(host: String(host), port: port)
    }
}
