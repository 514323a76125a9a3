import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

/// The existing lock next to the policy when a new one is about to be written. Only content under a valid signature
/// is taken over into the new lock.
struct LockBefore {
    /// Is nil if there is no lock, or no authorized person has signed it.
    let trusted: PolicyLock?
    /// The reason that the existing lock is not taken over.
    let problem: LockProblem?
    let judge: LockVerifier
    private let owners: Set<Person>

    /// - Throws: 65 if the lock cannot be read, or a signature in it does not match its content.
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

    /// The people whose signatures of a new lock are valid.
    func signers(of lock: PolicyLock) throws(LockProblem) -> [Person] {
        try judge.signers(of: lock, owners: owners, at: SystemClock().now.wall)
    }
}
