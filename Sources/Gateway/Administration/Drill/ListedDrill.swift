import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// A drill's report with its sign-off.
package struct ListedDrill: Sendable {
    package let report: DrillReport
    /// True if a person with the role `security` or an owner of the policy has signed it.
    package let isSignedOff: Bool
    /// The people who have signed it, in the order of their signatures.
    package let signers: [Person]
}

extension DrillService {
    /// Returns the drills, newest first. Reads the disk.
    package func listed() throws(StoreFailure) -> [ListedDrill] {
        let trust = people.trust
        let owners = gateway.policy.snapshot.owners
        return try reports().map { signed in
            ListedDrill(
                report: signed.report,
                isSignedOff: signed.isSignedOff(by: trust, owners: owners),
                signers: signed.signers.compactMap { trust?.holder(of: $0)?.person.person })
        }
    }
}
