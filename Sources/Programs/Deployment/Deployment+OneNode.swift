package import InterlockCommandLine
import InterlockConfiguration

extension Deployment {
    /// - Returns: true if this deployment is a node of a cluster: `store.postgres` and `cluster.node` are set.
    /// - Throws: exit 65 if some of the settings of a cluster are set and these are not. A gateway that took them would
    ///   decide as if it had no other nodes.
    package func isMember() throws(Failure) -> Bool {
        guard let setting = configuration.settingOfCluster else { return false }
        guard configuration.store.postgres != nil, !configuration.cluster.node.isEmpty else {
            let missing =
                configuration.store.postgres == nil ? "store.postgres" : "cluster.node"
            throw Failure(
                .data,
                "\(directory)/\(ConfigurationFile.name): `\(setting)` is set, and `\(missing)` is not",
                help:
                    "a node of a cluster has both; remove `store.postgres` and the keys of `cluster` to serve alone"
            )
        }
        guard configuration.listeners.hooksSocket.isEmpty else {
            throw Failure(
                .data,
                "\(directory)/\(ConfigurationFile.name): `listeners.hooks_socket` is set, and this deployment is a node of a cluster",
                help:
                    "sessions of coding agents outside runs are of one node alone: remove the setting, or serve alone"
            )
        }
        return true
    }
}
