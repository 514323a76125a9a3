package import InterlockDeployment

extension Deployment {
    /// The lock, next to the policy.
    package var lock: String { LockFile.path(beside: policy) }
}
