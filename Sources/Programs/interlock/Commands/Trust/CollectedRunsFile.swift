import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockTrust

/// The file `state/collected-runs`, which the gateway writes and `interlock trust status` reads. What is not used of it
/// costs time, never a value: the whole log is read then.
struct CollectedRunsFile: Sendable {
    let path: String
    private let origin: String
    private let code: @Sendable ([UInt8]) -> Digest

    init(_ deployment: Deployment, _ keys: NodeKeys) {
        path = deployment.collectedRuns
        origin = deployment.configuration.ledger.origin
        code = keys.collectedRunsCode
    }

    /// - Returns: nil if there is no file, or if the keys of the deployment cannot be read.
    init?(_ deployment: Deployment) {
        guard File.exists(deployment.collectedRuns), let keys = try? NodeKeys.opened(deployment)
        else { return nil }
        self.init(deployment, keys)
    }

    /// Starts on another thread what a later reading waits for.
    static func prepare(_ deployment: Deployment) {
        if File.exists(deployment.collectedRuns) { Build.measure() }
    }

    /// The digest of what the runs of a log are collected by.
    ///
    /// - Returns: nil if it cannot be computed, so that no cache is used.
    func basis(_ policy: PolicySnapshot, _ criteria: TrustCriteria) -> Digest? {
        guard let program = try? Build.digest() else { return nil }
        let agents = policy.agents.keys.sorted()
        return CollectionBasis(
            program: program, origin: origin,
            agents: RunCollection.Subjects(agents, policy, criteria).servers,
            withTasks: LogRunSource.agentsWithTasks(of: policy), criteria: criteria
        ).digest(hashing: OpenSSLHashing())
    }

    /// Reads the runs of some agents, and compares them with the log.
    ///
    /// - Throws: a `CollectedRunsFault` if they are not those of this deployment, basis and log, or too old;
    ///   a `FileFailure`.
    func read(
        _ subjects: RunCollection.Subjects, basis: Digest, in proved: ProvedLog
    ) throws -> CollectedRuns {
        let bytes = try File.readRegular(path, limit: CollectedRuns.maximumBytes)
        let runs = try CollectedRuns(
            parsing: bytes, basis: basis, of: subjects.servers, under: subjects.criteria,
            code: code)
        try runs.check(at: SystemClock().now.wall)
        let first = try CheckpointScan(proved).first
        var prover = proved
        try runs.check(first: first, size: proved.size, TreeHash(OpenSSLHashing())) {
            try? prover.root(at: $0)
        }
        return runs
    }

    /// Replaces the file.
    ///
    /// - Returns: false, and nothing is written, if the runs are more than a file may have.
    func write(_ runs: CollectedRuns, basis: Digest) throws -> Bool {
        let bytes = runs.encoded(basis: basis, code: code)
        guard bytes.count <= CollectedRuns.maximumBytes else { return false }
        try File.write(bytes, to: path)
        return true
    }

    /// Collects the runs up to the newest checkpoint of the log.
    ///
    /// - Returns: nil if there is no cache that can be used.
    /// - Throws: a `CancellationError` if the reading gave up.
    func continued(
        _ subjects: RunCollection.Subjects, in proved: ProvedLog,
        _ reading: RunCollection.Reading
    ) throws -> RunCollection? {
        guard let basis = basis(subjects.policy, subjects.criteria) else { return nil }
        do {
            let known = try read(subjects, basis: basis, in: proved)
            return try RunCollection(behind: known, of: subjects, in: proved, reading)
        } catch let error as CancellationError {
            throw error
        } catch {
            // A fault of the log itself is found again, and reported, by the reading of all of it.
            return nil
        }
    }
}
