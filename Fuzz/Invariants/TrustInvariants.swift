import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockTrust
import InterlockYAML

extension Invariants {
    /// The input is a criteria file. Reading twice gives the same result; a file is read, or it says why not; what is
    /// read demands no less than the least numbers, and is not looser than itself.
    package static func trustCriteria(_ bytes: [UInt8]) {
        let file = SuiteReader.File(path: "input.yaml", bytes: bytes)
        let reading = TrustCriteriaReading(SuiteReader.parsed(file))
        let again = TrustCriteriaReading(SuiteReader.parsed(file))
        precondition(
            reading.findings == again.findings && reading.criteria == again.criteria,
            "what is said of a file is a function of its bytes")
        precondition(
            (reading.criteria == nil) != reading.findings.isEmpty,
            "a file is read, or it says why not")
        reading.findings.forEach(checkInput)
        guard let criteria = reading.criteria else { return }
        let least = TrustCriteria.Minimums.least
        for stage in AutonomyStage.allCases {
            guard let step = criteria.stages[stage] else { continue }
            precondition(
                step.cleanRuns >= least.cleanRuns && step.days >= least.days
                    && step.templates >= least.templates, "no stage is below the least numbers")
            precondition(
                step.agentDenials.double > 0 && step.agentDenials.double <= 0.5
                    && step.approvalsRejected.double > 0 && step.approvalsRejected.double <= 0.5,
                "a threshold is a rate")
        }
        precondition(criteria.loosened(from: criteria).isEmpty, "nothing is looser than itself")
        precondition(criteria.digest(hashing: OpenSSLHashing()) != nil, "criteria have a digest")
    }
}
