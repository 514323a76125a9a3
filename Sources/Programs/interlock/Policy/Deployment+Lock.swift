import InterlockDeployment

extension Deployment {
    /// The lock, next to the policy.
    var lock: String { LockFile.path(beside: policy) }
}
