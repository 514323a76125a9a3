import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// A drill's report with what became of it, as people see it.
package struct ListedDrill: Sendable {
    package let report: DrillReport
    /// Whether somebody who answers for security has signed it.
    package let isSignedOff: Bool
    /// Everybody who has, in the order of their signatures.
    package let signers: [Person]

    package init(report: DrillReport, isSignedOff: Bool, signers: [Person]) {
        self.report = report
        self.isSignedOff = isSignedOff
        self.signers = signers
    }
}

extension DrillService {
    /// The newest first. Reads the disk.
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
