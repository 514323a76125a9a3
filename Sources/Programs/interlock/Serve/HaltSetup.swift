import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockLogReading
import InterlockModel
import InterlockPorts

/// `state/kill/` at start: the halts in force and the people who may change them.
struct HaltSetup {
    struct Loaded {
        let book: HaltHistory
        let folder: HaltFolder
        let faults: [String]
    }

    let folder: HaltFolder

    init(_ deployment: Deployment, _ keys: NodeKeys, org: String) {
        folder = HaltFolder(
            path: deployment.kill, org: org,
            node: LedgerSetup.node(of: deployment.configuration.ledger.origin), key: keys.halts,
            formerKeys: keys.formerHaltKeys,
            rootFile: deployment.resolve(deployment.configuration.kill.rootFile),
            party: deployment.configuration.approvals.console?.party)
    }

    /// Verifies orders by the trust file as it is now, so the enrolled people must be restored from the log first.
    /// Never fails: an unknown state counts as halted.
    func load() -> Loaded {
        let loaded = folder.load(newDeployment: false)
        for fault in loaded.faults { log("halted: \(fault.reason)", .error, part: "kill") }
        return Loaded(
            book: loaded.book, folder: folder, faults: loaded.faults.map { $0.file ?? "state/kill" }
        )
    }

    func create(_ trust: AuthorizedKeys) throws(Failure) {
        try KeyFailure.exits(.cannotCreate, try folder.create(trust: trust))
    }
}
