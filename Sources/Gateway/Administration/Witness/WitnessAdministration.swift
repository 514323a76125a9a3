package import InterlockModel
package import InterlockPorts

/// What the local socket needs to show and change whom this node believes.
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
