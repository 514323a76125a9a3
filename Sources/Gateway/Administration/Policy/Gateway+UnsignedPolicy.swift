import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Gateway {
    /// Raises the alert that the policy in force has no sign-off, so that any program that can write its files decides
    /// what agents may do. Called at each start and reload that leaves such a policy in force.
    package func raiseUnsignedPolicy() {
        let digest = policy.snapshot.digest.prefixed
        raise(
            alarm: "policy.unsigned", subject: digest,
            fields: ["pol": .string(policy.snapshot.digestText)])
    }

    /// Raises the alert that a revision that was in force before is in force again. Its signatures are still valid, so
    /// anyone who can write the files can restore it.
    package func raiseOlderPolicy() {
        raise(
            alarm: "policy.older", subject: policy.snapshot.digest.prefixed,
            fields: ["pol": .string(policy.snapshot.digestText)])
    }
}
