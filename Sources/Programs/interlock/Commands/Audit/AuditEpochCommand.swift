import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore
import InterlockWitnessing

extension Command {
    static let auditEpochList = Command(
        "audit epoch list", "the logs of this node, past and present, with size and root",
        example: "interlock audit epoch list",
        options: [.directory],
        exits: [.data, .notFound, .io]
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        for (folder, head) in try epochs(of: deployment) {
            Output.line("\(head.origin)  \(head.size) records  \(head.root.base64)  \(folder)")
        }
        return .ok
    }

    static let auditEpochNew = Command(
        "audit epoch new", "end this log and begin the one that `ledger.origin` names now",
        example: "interlock audit epoch new",
        options: [
            .directory,
            Option(
                "--after-rollback", "the log lost records that others have seen; keep it as it is"),
            Option(
                "--checkpoint FILE",
                "with --after-rollback: the last checkpoint that others have seen (default: the guard)"
            ),
        ],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain],
        notes:
            "The gateway must not run. The old log goes to state/epochs/ and is never written again; give auditors and witnesses the new key, which `audit witness` and `audit verify` print."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let keys = try NodeKeys.opened(deployment)
        _ = try keys.heldLogKeys()
        let setup = try LedgerSetup(deployment, keys)
        try setup.checkWritable()
        let old = try newestEpoch(of: deployment)
        let new = setup.configuration.origin
        guard old != new else { throw Failure.sameEpoch(old) }
        let change = EpochChange(from: old, setup, deployment)
        let end: Checkpoint
        do throws(LedgerFailure) {
            if invocation.has("after-rollback") {
                end = try change.make(after: try witnessed(invocation, setup))
            } else {
                end = try await change.make()
            }
        } catch {
            throw Failure(error)
        }
        Output.line("`\(new)` continues from record \(end.size) of `\(old)`")
        // If the process dies here, `trust.policy` lists the key under the old origin.
        try deployment.trust.list(own: try setup.verifierKey())
        return .ok
    }
}

private func epochs(
    of deployment: Deployment
) throws(Failure) -> [(folder: String, head: Checkpoint)] {
    do throws(LedgerFailure) {
        return try EpochFolder.list(deployment.state + "/epochs", current: deployment.ledger)
    } catch {
        throw Failure(error)
    }
}

private func witnessed(
    _ invocation: Invocation, _ setup: LedgerSetup
) throws(LedgerFailure) -> [UInt8] {
    let path = invocation["checkpoint"] ?? setup.configuration.guardFile
    do throws(FileFailure) { return try File.read(path, limit: SignedNote.maximumBytes) } catch {
        throw LedgerFailure(.missing, error.message)
    }
}

/// The origin of the most recently written log.
func newestEpoch(of deployment: Deployment) throws(Failure) -> String {
    guard let origin = try epochs(of: deployment).last?.head.origin else {
        throw Failure(.notFound, "there is no log at `\(deployment.ledger)`")
    }
    return origin
}

extension EpochChange {
    /// Prepares the change from the log of this origin to the one that the configuration names.
    init(from origin: String, _ setup: LedgerSetup, _ deployment: Deployment) {
        let old = setup.named(origin)
        self.init(
            from: (old.configuration, old.tools), to: (setup.configuration, setup.tools),
            epochs: deployment.state + "/epochs")
    }
}

extension Failure {
    static func sameEpoch(_ origin: String) -> Failure {
        Failure(
            .usage, "`ledger.origin` still names `\(origin)`",
            help: "write the next epoch's name into interlock.yaml first, then run this again")
    }
}
