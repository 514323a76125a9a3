import InterlockKeys
import InterlockStore

extension Deployment {
    /// Every policy that was ever in force here.
    var policyArchive: PolicyArchive {
        PolicyArchive(folder: state + "/policies", hashing: OpenSSLHashing())
    }
}
