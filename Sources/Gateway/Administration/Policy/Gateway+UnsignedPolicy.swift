import InterlockGovernor
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

    /// Raised where a revision comes back that was in force before: its signatures are as good as they were, so whoever can
    /// write the files can put it back.
    package func raiseOlderPolicy() {
        raise(
            alarm: "policy.older", subject: policy.snapshot.digest.prefixed,
            fields: ["pol": .string(policy.snapshot.digestText)])
    }
}
