import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let auditPrune = Command(
        "audit prune", "give up old records; every proof of what is left holds as before",
        example: "interlock audit prune --before 2026-01-31",
        options: [
            .directory,
            Option(
                "--before DATE", "records older than this UTC day, which is at least 183 days ago"
            ).required,
        ],
        exits: [.data, .notFound, .io, .tryAgain],
        notes:
            "The gateway must not run. Only whole bundles of 256 records go, after the log says so; hash tiles stay for ever."
    ) { invocation in
        let day = try Invocation.parsed(
            try invocation.require("before"), "no day; write it as 2026-01-31", .usage
        ) { CivilDate($0) }
        let deployment = try Deployment.open(invocation)
        let setup = try LedgerSetup(deployment, try NodeKeys.opened(deployment))
        try setup.checkWritable()
        do throws(LedgerFailure) {
            let report = try await Pruning(setup.configuration, setup.tools).prune(before: day)
            Output.line(
                "records below \(report.minimum) are given up; \(report.deletedBundles) bundles deleted"
            )
        } catch {
            throw Failure(error)
        }
        return .ok
    }
}
