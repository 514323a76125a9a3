import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockLogReading
import InterlockStore

/// The keys of one deployment's payloads, and the thread that flushes their buckets.
struct PayloadKeySetup {
    let keyring: PayloadKeyring
    private let jobs: JobThread

    /// The maximum number of runs that wait for their key; above it the callers make the key themselves.
    private static let maximumWaiting = 4096

    /// - Throws: 66 if the wrapping key is missing, 65 if it does not open every bucket, 77 if other users can read
    ///   it. Without the key no payload that is recorded from now on could ever be opened.
    init(_ deployment: Deployment) throws(Failure) {
        let jobs = JobThread("payload-keys", limit: Self.maximumWaiting)
        self.jobs = jobs
        do throws(KeyFailure) {
            keyring = try PayloadKeyring(
                deployment.keys, clock: SystemClock(), entropy: BufferedEntropy(),
                blocking: { jobs.submit($0) })
        } catch { throw Failure(error) }
    }

    var records: RecordWriter {
        RecordWriter(keys: keyring, clock: SystemClock(), entropy: BufferedEntropy())
    }

    func close() { jobs.close() }
}
