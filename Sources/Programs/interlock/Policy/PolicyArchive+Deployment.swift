import InterlockKeys
import InterlockStore

extension Deployment {
    /// Every policy that was ever in force in this deployment.
    var policyArchive: PolicyArchive {
        PolicyArchive(folder: state + "/policies", hashing: OpenSSLHashing())
    }
}
