import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockPorts
import InterlockStore

/// The policy at the start of a node: read before anything is opened, in force once it is recorded.
struct PolicyStart {
    let judge: RevisionEvaluator
    let loading: PolicyLoading
    let started: StartedPolicy

    /// - Parameter passkeys: nil without a console, or without a trust file.
    init(
        _ found: RevisionOnDisk, people: AuthorizedKeysHolder, passkeys: PeoplePasskeys?,
        ledger: WriteAheadLog, records: RecordWriter, store: any SignOffStore,
        archive: PolicyArchive
    ) async throws(Failure) {
        judge = RevisionEvaluator(
            trust: { people.trust }, verifier: OpenSSLVerifier(),
            passkeys: passkeys?.judge(OpenSSLHashing()),
            compare: { old, new in
                RevisionDifference(.compare(old.snapshot, new.snapshot, at: SystemClock().now.wall))
            },
            runTests: { revision in
                let all = PolicyTestRunner(revision.snapshot, at: SystemClock().now.wall).run()
                return RevisionEvaluator.TestRun(
                    passed: all.filter(\.passed).map(\.name),
                    failing: all.filter { !$0.passed }.map(\.text))
            })
        loading = PolicyLoading(
            ledger: ledger, store: store, archive: archive, records: records, people: people)
        do throws(RevisionRefusal) {
            started = try await loading.start(found, judge, at: SystemClock().now.wall)
        } catch { throw Failure(error) }
        tellLock()
        if let unsigned = started.verdict.unsigned {
            log("FOUNDING: \(unsigned)", .warning, part: "policy")
            log(
                "FOUNDING: anyone who can write the policy decides; no agent is above supervised",
                .warning, part: "policy")
        }
    }

    /// Logs the state of the lock, and every server that is not offered.
    private func tellLock() {
        switch started.verdict.lock {
        case .absent: log("FOUNDING: " + LockFile.founding, .warning, part: "policy")
        case .unsigned(let problem): log("FOUNDING: \(problem)", .warning, part: "policy")
        case .signed: break
        case .refused(let problem): log("no server is offered: \(problem)", .error, part: "policy")
        }
        for (server, reason) in started.revision.snapshot.notOffered {
            log("server \(server) is not offered: \(reason)", .warning, part: "policy")
        }
    }
}
