import InterlockKeys
import InterlockModel
import InterlockPolicy

/// The lock that lies beside the policy when somebody is about to write another: only what a signature
/// vouches for is taken over into the new one.
struct LockBefore {
    /// nil when there is none, or when nobody who may has signed it.
    let trusted: PolicyLock?
    /// Why the one that is there is not taken over.
    let problem: LockProblem?
    let judge: LockVerifier
    private let owners: Set<Person>

    /// - Throws: 65 when it cannot be read, or when a signature in it is not of its content.
    init(_ deployment: Deployment, _ policy: PolicySnapshot) throws(Failure) {
        judge = LockVerifier(
            trust: try PersonSigner.trustFile(of: deployment), verifier: OpenSSLVerifier())
        owners = Set(policy.owners)
        guard let lock = try LockFile.read(deployment.lock).lock else {
            trusted = nil
            problem = nil
            return
        }
        do throws(LockProblem) {
            _ = try judge.signers(of: lock, owners: owners, at: SystemClock().now.wall)
            trusted = lock
            problem = nil
        } catch {
            guard error.isOnlyUnsigned else { throw Failure(.data, "\(error)") }
            trusted = nil
            problem = error
        }
    }

    /// Whose signatures of a new lock count.
    func signers(of lock: PolicyLock) throws(LockProblem) -> [Person] {
        try judge.signers(of: lock, owners: owners, at: SystemClock().now.wall)
    }
}
