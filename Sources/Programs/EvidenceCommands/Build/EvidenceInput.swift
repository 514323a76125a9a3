package import InterlockDeployment
package import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockStore

/// The parts of the program that building a pack needs besides the files of the deployment.
package struct EvidenceInput {
    package let deployment: Deployment
    package let reader: LedgerReader
    /// The keys that may have signed the log.
    package let keys: [VerifierKey]
    /// The witnesses of the deployment's trust file; nil without the file.
    package let witnesses: TrustPolicy?
    package let organisation: String
    /// The policy of the deployment; nil if it cannot be read.
    package let policy: PolicySnapshot?
    /// SHA-256 of the running program.
    package let build: Digest
    /// Opens the payload of a field of a record.
    package let payload: (String, StoredRecord) throws -> PayloadResponse
    /// Returns the address of a pseudonym that this deployment knows.
    package let address: (String) -> String?
    /// The tools and connectors of the policy, one row each.
    package let inventory: () throws -> [JSONValue]
    /// Records the export in the log, with its number of records. Returns once that is durable.
    package let export: (Int) throws -> Void

    package init(
        deployment: Deployment, reader: LedgerReader, keys: [VerifierKey],
        witnesses: TrustPolicy?, organisation: String, policy: PolicySnapshot?, build: Digest,
        payload: @escaping (String, StoredRecord) throws -> PayloadResponse,
        address: @escaping (String) -> String?,
        inventory: @escaping () throws -> [JSONValue],
        export: @escaping (Int) throws -> Void
    ) {
        self.deployment = deployment
        self.reader = reader
        self.keys = keys
        self.witnesses = witnesses
        self.organisation = organisation
        self.policy = policy
        self.build = build
        self.payload = payload
        self.address = address
        self.inventory = inventory
        self.export = export
    }
}
