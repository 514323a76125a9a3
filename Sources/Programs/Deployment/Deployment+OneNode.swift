package import InterlockCommandLine
import InterlockConfiguration

extension Deployment {
    /// Refuses settings of a cluster: a gateway that took them would decide as if it had no other nodes.
    ///
    /// - Throws: exit 65 if one is set.
    package func requireOneNode() throws(Failure) {
        guard let setting = configuration.settingOfCluster else { return }
        throw Failure(
            .data,
            "\(directory)/\(ConfigurationFile.name): `\(setting)` is set, and this version serves one node alone: "
                + "missing are leases by heartbeats, the channel to other nodes, and approvals, runs and limits in "
                + "the shared database",
            help:
                "remove `store.postgres` and the keys of `cluster` to serve from `store.path`; `interlock cluster` prepares and reads the database"
        )
    }
}
