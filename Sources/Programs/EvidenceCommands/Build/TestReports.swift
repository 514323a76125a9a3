import InterlockCommandLine
import InterlockEvidencePack
import InterlockLedger
import InterlockModel

/// The signed results of tests that a pack carries: those of the release, and those of the deployment's self-test.
struct TestReports {
    let release: Result<ReleaseFile, EvidenceProblem>
    let deployment: Result<DeploymentResults, EvidenceProblem>

    init(_ log: EvidenceLog, _ input: EvidenceInput) throws {
        release = ReleaseFile.read(for: input.build)
        deployment = try Self.selfTest(log, input)
    }

    func facts(at built: Timestamp) -> ControlFacts {
        ControlFacts(release: release.map { $0.results }, deployment: deployment, built: built)
    }

    private static func selfTest(
        _ log: EvidenceLog, _ input: EvidenceInput
    ) throws -> Result<DeploymentResults, EvidenceProblem> {
        guard let found = log.records.selfTest else {
            return .failure(EvidenceProblem("No self-test of this deployment is on record."))
        }
        let record = try log.record(at: found.index)
        guard case .opened(let report) = try input.payload("proof", record),
            let results = DeploymentResults(
                report: report, at: found.time.wholeSecond, index: found.index, leaf: found.leaf)
        else {
            return .failure(
                EvidenceProblem("The report of the newest self-test cannot be opened."))
        }
        return .success(results)
    }
}
