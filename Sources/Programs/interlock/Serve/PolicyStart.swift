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

    /// - Returns: what was read, and its revision; without servers if the lock cannot be used.
    /// - Throws: 66 if there is no policy, 65 if it cannot be served.
    static func read(_ path: String) throws(Failure) -> (RevisionOnDisk, PolicyRevision) {
        let found = RevisionSource(path: path).read(at: SystemClock().now.wall)
        do throws(RevisionRefusal) {
            if case .failure(.lock(let problem)) = found.revision,
                let without = found.withoutServers
            {
                return (found, try without(problem).revision.get())
            }
            return (found, try found.revision.get())
        } catch { throw Failure(error) }
    }

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

extension Failure {
    init(_ refusal: RevisionRefusal) {
        switch refusal {
        case .unreadable(let reason):
            self.init(
                .notFound, reason, help: "write a policy folder, or name it with `policy.path`")
        case .findings(let findings): self.init(.data, findings: findings)
        case .rules, .newLints, .failingTests, .otherOrganisation, .lockIsGone, .lock:
            self.init(.data, "\(refusal)")
        case .signOff(let reason):
            self.init(
                .data, "the policy is not signed off, and this node loads nothing else: \(reason)",
                help: reason.remedy ?? "`interlock policy diff OLD NEW --sign KEY` signs")
        case .notRecorded(let code):
            self.init(
                .io, "\(refusal)",
                help: code == "audit.full"
                    ? "the disk of the log is full: free space on it, then start again" : nil)
        case .stale:
            self.init(
                .data, "\(refusal)", help: "start again once the policy's files no longer change")
        }
    }
}
