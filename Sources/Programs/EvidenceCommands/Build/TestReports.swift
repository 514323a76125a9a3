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
            return .failure(.noSelfTest)
        }
        let answer = try input.payload("proof", log.record(at: found.index))
        let report: [UInt8]? = if case .opened(let bytes) = answer { bytes } else { nil }
        return DeploymentResults.known(
            report: report, at: found.time.wholeSecond, index: found.index, leaf: found.leaf)
    }
}
