import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Gateway {
    /// Raised at each start and reload that leave a policy in force without a sign-off: any program that can write its files
    /// decides what agents may do.
    package func raiseUnsignedPolicy() {
        let digest = policy.snapshot.digest.prefixed
        raise(
            alarm: "policy.unsigned", subject: digest,
            fields: ["pol": .string(policy.snapshot.digestText)])
    }
}
