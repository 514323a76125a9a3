package import InterlockModel
package import InterlockPorts

/// The dependencies of the local socket's commands that show and change the trusted witnesses.
package struct WitnessAdministration: Sendable {
    package let desk: WitnessClient
    let store: any TrustPolicyStore
    let hashing: any Hashing

    package init(desk: WitnessClient, store: any TrustPolicyStore, hashing: any Hashing) {
        self.desk = desk
        self.store = store
        self.hashing = hashing
    }
}
